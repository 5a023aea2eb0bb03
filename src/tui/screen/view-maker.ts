/** Makes the view of a moment out of the screen's state, the debugger and the terminal's size. */
import type { RunClock } from "../../console/run-clock.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { Explanations } from "../../debugger/explain/explanations.ts";
import { failedSteps } from "../../debugger/failures/failures.ts";
import type { FileReadings } from "../../debugger/files/readings.ts";
import type { EarlierLogs } from "../../debugger/progress/earlier-logs.ts";
import type { EnvironmentCache } from "../../debugger/shells/environments.ts";
import { lackWords } from "../../debugger/shells/missing-words.ts";
import { canMakeBase, makesOnlyBase, programOf } from "../../debugger/state/inspect.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourcePath } from "../../engine/build-sources.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { Digest } from "../../graph/graph.ts";
import type { Step } from "../../graph/program.ts";
import type { RowSource, Size } from "../cells/rect.ts";
import type { Keys } from "../commands/key-bindings.ts";
import type { ListPane } from "../commands/pane-words.ts";
import { atTick, type Look } from "../drawing/look.ts";
import type { TextBlockModel } from "../drawing/text-block.ts";
import type { Shells } from "../emulator/shell-screens.ts";
import type { Shell } from "../emulator/shell-state.ts";
import { ALL_PANES, PANES } from "../panes/all-panes.ts";
import { filesSplit, openingRow, textRowCount } from "../panes/files/files-pane.ts";
import { type FilesView, FilesViews, filesStep } from "../panes/files/files-view.ts";
import { GraphCache } from "../panes/graph/graph-cache.ts";
import { LogCache } from "../panes/log/log-cache.ts";
import { offersOf } from "../panes/log/log-summary.ts";
import type { FittedTo } from "../panes/pane.ts";
import { stepAtSource } from "../panes/selected-step.ts";
import type { ShellView } from "../panes/shell/shell-view.ts";
import { DocumentCache } from "../panes/source/document-cache.ts";
import type { BadgeSources } from "../panes/step-badge.ts";
import { type Availability, availabilityOf, type ScreenKind } from "../state/availability.ts";
import { keepVisible, type ListView, type UiState } from "../state/ui-state.ts";
import { statusModel } from "./status-model.ts";
import { fittedTo, layoutOf, type View } from "./view.ts";

export interface ViewSources {
  readonly request: BuildRequest;
  /** undefined = "first". */
  readonly screen?: ScreenKind;
  size(): Size;
  look(): Look;
  /** Counts seconds; turns the running mark. */
  tick(): number;
  /** What was reported while the engine was being found, oldest first; undefined once there is one. */
  connecting(): { readonly headline: string; readonly lines: readonly string[] } | undefined;
  /** Screen of the editor in the pane. */
  editor(): RowSource | undefined;
  /** Why there is no engine. */
  connectError(): { readonly message: string; readonly hint: string | undefined } | undefined;
}

/** What lives as long as a debugger, as far as views are made of it. */
export interface ViewedDebugger {
  readonly debug: Debugger;
  readonly clock: RunClock;
  /** How long the engine has not answered, in milliseconds; undefined = it does. */
  readonly silentMs: number | undefined;
  readonly explanations: Explanations;
  readonly environments: EnvironmentCache;
  readonly fileReadings: FileReadings;
  readonly earlierLogs: EarlierLogs;
  readonly shellList: Shells;
  readonly shells: {
    /** The shell that the shell pane is turned to. */
    shown(): Shell | undefined;
    viewOf(statesOf: (step: number) => readonly StateSide[]): ShellView | undefined;
  };
}

/** Whose view is made. */
export interface Viewed {
  readonly ui: UiState;
  readonly keys: Keys;
  /** undefined until the engine is found. */
  readonly attached: ViewedDebugger | undefined;
}

const CALM_MS = 10_000;

/** Makes views, and keeps between them what is dear to make. */
export class ViewMaker {
  readonly documents: DocumentCache;
  readonly log = new LogCache();
  readonly #files = new FilesViews();
  readonly #graph = new GraphCache();
  readonly #sources: ViewSources;

  constructor(sources: ViewSources) {
    this.#sources = sources;
    this.documents = new DocumentCache(sourcePath(sources.request));
  }

  make(viewed: Viewed): View {
    const { attached } = viewed;
    const debug = attached?.debug;
    const document = this.documents.of(debug?.state, debug?.progress);
    const size = this.#sources.size();
    const fitted = fittedTo(viewed.ui, size);
    const layout = layoutOf(fitted, size, document.program);
    const visible = withVisibleCursors(fitted, { document, layout, debug });
    const listed = this.#listed(viewed, visible, layout);
    // Without animations a running time moves in large steps only.
    const grain = fitted.settings.animations ? 1 : CALM_MS;
    const elapsedMs = (vertex: Digest): number =>
      Math.floor((attached?.clock.elapsedMs(vertex) ?? 0) / grain) * grain;
    const badgeSources: BadgeSources | undefined =
      attached === undefined
        ? undefined
        : { state: attached.debug.state, progress: attached.debug.progress, elapsedMs };
    const rows = layout.lower?.rows ?? 1;
    const { ui, graph } = this.#graph.shownIn(listed?.ui ?? visible, { document, badgeSources, rows });
    const selected = selectedStep({ ui, document, badgeSources, graph });
    const states = selected === undefined ? [] : (debug?.states(selected.id) ?? []);
    const side = shownSide(ui, selected, states);
    const availability = this.#availability(viewed, states.length, selected);
    const ranMs = attached?.clock.ranMs ?? 0;
    const explanation = attached?.explanations.get(document.text.lines);
    return {
      ui,
      size,
      layout,
      look: atTick(this.#sources.look(), ui.settings.animations ? this.#sources.tick() : 0),
      request: this.#sources.request,
      debug,
      availability,
      status: statusModel({
        ...ui,
        request: this.#sources.request,
        engine: debug?.engine,
        state: debug?.state,
        progress: debug?.progress,
        connectFailed: this.#sources.connectError() !== undefined,
        rerunKey: viewed.keys.keyOf("rerun"),
        ranMs,
        silentMs: attached?.silentMs,
        elapsedMs,
      }),
      document,
      badgeSources,
      graph,
      warnedLines: this.documents.warnedLines(debug?.progress),
      selected,
      side,
      states,
      differences: differencesOf(attached, selected, side),
      environment: this.#environment(viewed, { ui, layout, selected, side, availability }),
      logRows: this.#logRows(viewed, selected),
      labels: this.log.labels(debug),
      editor: this.#sources.editor(),
      files: listed?.files,
      shell: attached?.shells.viewOf((step) => sidesOfStep(attached.debug, step)),
      explanation,
      block: this.#block(explanation, availability),
      ranMs,
    };
  }

  /** The Files pane and its cursors, while it is on the screen. */
  #listed(
    { attached, keys }: Viewed,
    ui: UiState,
    layout: View["layout"],
  ): { readonly ui: UiState; readonly files: FilesView } | undefined {
    const program = programOf(attached?.debug.state);
    if (attached === undefined || program === undefined || ui.lower !== "files" || layout.lower === undefined)
      return undefined;
    const step = filesStep(ui, attached.debug.state);
    if (step === undefined) return undefined;
    const { debug, fileReadings: readings } = attached;
    const states = debug.states(step.id);
    const { view: files, cursor } = this.#files.of({
      debug,
      readings,
      pane: ui.filesPane,
      list: ui.files,
      place: { step, states, side: shownSide(ui, step, states) },
      steps: program.steps.length,
      keys,
    });
    return { files, ui: withVisibleFiles(ui, files, cursor, layout.lower.rows) };
  }

  #logRows({ ui, attached }: Viewed, selected: Step | undefined): View["logRows"] {
    if (attached === undefined) return undefined;
    const only = ui.log.oneStep ? selected : undefined;
    const earlier = only === undefined ? undefined : attached.earlierLogs.of(only);
    return this.log.rows(attached.debug, { only: only?.vertex, earlier, raw: ui.log.raw });
  }

  #availability({ ui, attached, keys }: Viewed, states: number, selected: Step | undefined): Availability {
    const phase = attached?.shells.shown()?.phase.kind;
    const { screen = "first" } = this.#sources;
    return availabilityOf(attached?.debug, {
      screen,
      keys,
      pane: ui.focus,
      files: { lists: ui.filesPane.lists, isReading: ui.filesPane.text.shown },
      keyboard: ui.keyboard,
      overlay: ui.overlay.kind,
      connectFailed: this.#sources.connectError() !== undefined,
      failures: failuresIn(attached?.debug),
      makesBase:
        selected !== undefined && attached !== undefined && canMakeBase(attached.debug.state, selected.id),
      makesOnlyBase:
        selected !== undefined && attached !== undefined && makesOnlyBase(attached.debug.state, selected.id),
      states: ui.focus === "shell" && ui.shell !== undefined ? Math.max(states, 1) : states,
      shellOpen: phase === "alive" || phase === "opening" || this.#sources.editor() !== undefined,
    });
  }

  /** Asked for only while a pane shows it and the engine is at rest. */
  #environment(
    { attached }: Viewed,
    {
      ui,
      layout,
      selected,
      side,
      availability,
    }: Pick<View, "ui" | "layout" | "selected" | "side" | "availability">,
  ): View["environment"] {
    const shown = layout.info !== undefined || (ui.lower === "info" && layout.lower !== undefined);
    const atRest = availability.status !== "running" && availability.status !== "loading";
    // What the step would start from is known before it is made.
    const known = side ?? (availability.makesBase === true ? "base" : undefined);
    if (attached === undefined || selected === undefined || known === undefined || !shown || !atRest)
      return undefined;
    return attached.environments.get(selected.id, known);
  }

  #block(explanation: View["explanation"], availability: Availability): TextBlockModel | undefined {
    const failed = this.#sources.connectError();
    if (failed !== undefined) {
      const lines = this.#sources.connecting()?.lines ?? [];
      return {
        kind: "error",
        headline: failed.message,
        hint: failed.hint,
        lines,
        offers: [
          { keys: availability.keys.keyOf("rerun"), label: "try again" },
          { keys: availability.keys.keyOf("quit"), label: "quit" },
        ],
      };
    }
    const connecting = this.#sources.connecting();
    if (connecting !== undefined) return { kind: "working", ...connecting };
    return brokenBlock(explanation, availability);
  }
}

function failuresIn(debug: View["debug"]): number {
  const phase = debug?.state.phase;
  if (debug === undefined || phase?.kind !== "paused") return 0;
  return failedSteps(phase.execution, debug.progress).length;
}

/** Known once a shell is open in the state. */
function differencesOf(
  attached: Viewed["attached"],
  step: Step | undefined,
  side: StateSide | undefined,
): readonly string[] {
  if (step === undefined || side === undefined) return [];
  const phase = attached?.shellList.get(step.id, side)?.phase;
  return phase?.kind === "alive" ? lackWords(phase.opened.container, programOf(attached?.debug.state)) : [];
}

/** After any change of size, file or position the cursors are on the screen. */
function withVisibleCursors(ui: UiState, parts: FittedTo): UiState {
  const lists: { -readonly [List in ListPane]?: ListView } = {};
  for (const pane of ALL_PANES) Object.assign(lists, pane.fitted?.(ui, parts));
  return { ...ui, ...lists };
}

function withVisibleFiles(ui: UiState, { rows, text }: FilesView, cursor: number, height: number): UiState {
  const split = filesSplit(height, rows.length, text !== undefined);
  const files = keepVisible({ ...ui.files, cursor }, rows.length, split.list);
  const last = text === undefined ? 0 : Math.max(0, textRowCount(text.text) - split.text);
  const { filesPane } = ui;
  const wanted = filesPane.text.top ?? (text === undefined ? 0 : openingRow(text.text, split.text));
  const top = Math.min(wanted, last);
  return { ...ui, files, filesPane: { ...filesPane, text: { ...filesPane.text, top } } };
}

/** Nothing is loaded: the explanation stands in place of the log. */
function brokenBlock(
  explanation: View["explanation"],
  { status, keys }: Availability,
): TextBlockModel | undefined {
  if (explanation === undefined || (status !== "broken" && status !== "lost")) return undefined;
  const [hint, ...lines] = explanation.why;
  const offers = offersOf(explanation, { states: [], shown: undefined, keys });
  const quit = { keys: keys.keyOf("quit"), label: "quit" };
  return { kind: "error", headline: explanation.headline, hint, lines, offers: [...offers, quit] };
}

/** Step under the cursor of the focused pane, else the one the build stands at. */
function selectedStep({
  ui,
  document,
  badgeSources,
  graph,
}: Pick<View, "ui" | "document" | "badgeSources" | "graph">): Step | undefined {
  const { program } = document;
  if (program === undefined || badgeSources === undefined) return undefined;
  const parts = { ui, document, graph, program, badgeSources };
  const pane = PANES[ui.focus];
  return pane.selected === undefined ? stepAtSource(parts) : pane.selected(parts);
}

/** The side chosen for the step while it exists, else the most interesting one. */
function shownSide(ui: UiState, step: Step | undefined, states: readonly StateSide[]): StateSide | undefined {
  const chosen = step === undefined ? undefined : ui.sides.get(step.id);
  return states.find((side) => side === chosen) ?? states[0];
}

function sidesOfStep(debug: NonNullable<View["debug"]>, step: number): readonly StateSide[] {
  const found = debug.state.phase.kind === "ended" ? undefined : programStep(debug, step);
  return found === undefined ? [] : debug.states(found.id);
}

function programStep(debug: NonNullable<View["debug"]>, step: number): Step | undefined {
  const { phase } = debug.state;
  return "execution" in phase ? phase.execution.program.steps[step] : undefined;
}
