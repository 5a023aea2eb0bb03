/** `E`: a state as an image, a tar or a directory; asks what and where to, shows how far it is, and can be given up. So are bundles. */
import { visibleLine } from "../../base/visible.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { readBundle } from "../../console/bundles/read-bundle.ts";
import { stateName } from "../../console/exports/export-words.ts";
import { EXPORT_TYPES, readExport, wordsOf } from "../../console/exports/read-export.ts";
import { runExport } from "../../console/exports/run-export.ts";
import { defaultName } from "../../debugger/export/state-order.ts";
import { sideWord } from "../../debugger/shells/shell-launch.ts";
import type { StateSide } from "../../engine/engine.ts";
import { AlreadyThere } from "../../engine/failures.ts";
import type { OutputSpec } from "../../engine/outputs.ts";
import type { Step } from "../../graph/program.ts";
import type { MenuItem } from "../state/ui-state.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";
import type { OverlayControl } from "./overlay-control.ts";

export interface ExportControlOptions {
  readonly app: App;
  readonly overlays: OverlayControl;
  readonly surroundings: Surroundings;
  /** What is proposed; undefined = nothing was asked for. */
  readonly exportAs: OutputSpec | undefined;
}

type ExportType = (typeof EXPORT_TYPES)[number];

const LABELS: Readonly<Record<ExportType, string>> = {
  docker: "an image in docker's store",
  tarball: "an image in a file, for docker load",
  oci: "an image in a file, as OCI has it",
  tar: "its files in a tar",
  local: "its files in a directory",
  registry: "an image pushed to a registry",
};
const OTHER = "other ";

/** Answers what there is to say, the most important line first; untrusted text. */
type Work = (parts: {
  /** What is there may be replaced. */
  readonly force: boolean;
  readonly show: (words: string) => void;
  readonly signal: AbortSignal;
}) => Promise<readonly string[]>;

/** Performs exports of the screen, one at a time. */
export class ExportControl {
  readonly #options: ExportControlOptions;
  readonly #app: App;
  #stop: AbortController | undefined;

  constructor(options: ExportControlOptions) {
    this.#options = options;
    this.#app = options.app;
  }

  /** Asks what the shown state is to become, and then where to; of a bundle, where to. */
  choose(command: "export" | "bundle", attached: Attached): void {
    if (command === "bundle") {
      this.#options.overlays.prompt("command", "bundle failed.dockerbuild");
      return;
    }
    const place = attached.shells.place();
    if (place === undefined) this.#app.say(`${this.#key}: no state to export is here yet`);
    else this.#menu(attached, place.step, place.side);
  }

  /** What was typed. @throws {BktuiError} for what makes no sense. */
  start(attached: Attached, words: readonly string[]): void {
    const asked = readExport(words, this.#options.surroundings);
    const place = attached.shells.place();
    if (place === undefined) {
      this.#app.say(`${this.#key}: no state to export is here yet`);
      return;
    }
    const { step, side } = place;
    this.#begin(async ({ force, show, signal }) => {
      const { debug, shellList } = attached;
      const onProgress = (state: string, doing: string | undefined): void =>
        show(doing === undefined ? state : `${state} · ${doing}`);
      const states = shellList.states.all;
      const given = force ? { ...asked, force } : asked;
      const lines = await runExport(
        { debug, step, shown: side, asked: given, states, onProgress },
        { signal },
      );
      const again = [...words, ...(force ? ["--force"] : [])].join(" ");
      return [...lines, `the same again: :export ${step.id + 1} ${again}`];
    });
  }

  /** What was typed behind `bundle`. @throws {BktuiError} for what makes no sense. */
  bundle(attached: Attached, words: readonly string[]): void {
    const asked = readBundle(words, this.#options.surroundings);
    this.#begin(async ({ force, show, signal }) => {
      const { writeBundle } = await import("../../console/bundles/write-bundle.ts");
      const { debug, shellList, shells } = attached;
      const states = shellList.states.all;
      const given = force ? { ...asked, force } : asked;
      const shown = shells.place()?.side;
      return await writeBundle({ debug, asked: given, shown, states, onProgress: show }, { signal });
    });
  }

  /** Gives up what is under way; false when nothing is. */
  cancel(): boolean {
    this.#stop?.abort();
    return this.#stop !== undefined;
  }

  get #key(): string {
    return this.#app.keys.keyOf("export");
  }

  #menu(attached: Attached, step: Step, side: StateSide): void {
    const steps = attached.debug.states(step.id);
    const others = steps.filter((other) => other !== side);
    const items: MenuItem[] = [
      ...EXPORT_TYPES.map((type) => ({ label: LABELS[type], value: type })),
      ...others.map((other) => ({ label: `${sideWord(other)} instead`, value: `${OTHER}${other}` })),
    ];
    const count = this.#app.view().document.program?.steps.length ?? 0;
    const { exportAs } = this.#options;
    const [asked, place] = (exportAs === undefined ? undefined : wordsOf(exportAs)) ?? [];
    const selected = Math.max(
      0,
      items.findIndex(({ value }) => value === asked),
    );
    const title = `Export ${stateName(side, step.id, count)} as`;
    this.#options.overlays.menu(title, items, selected, (choice) => {
      const other = others.find((each) => choice === `${OTHER}${each}`);
      if (other !== undefined) this.#menu(attached, step, other);
      else {
        const dest = choice === asked && place !== "" ? place : undefined;
        this.#options.overlays.prompt("export", `${side} ${choice} ${dest ?? proposed(choice, step, side)}`);
      }
    });
  }

  #begin(work: Work): void {
    if (this.#stop === undefined) this.#app.background(this.#run(work, { force: false }));
    else this.#app.say(`${this.#key}: an export is under way; ${this.#app.keys.keyOf("back")} cancels it`);
  }

  async #run(work: Work, { force }: { readonly force: boolean }): Promise<void> {
    const stop = new AbortController();
    this.#stop = stop;
    const show = (words: string | undefined): void =>
      this.#app.act({ kind: "exporting", words: words === undefined ? undefined : visibleLine(words) });
    try {
      const [first = "", ...more] = await work({ force, show, signal: stop.signal });
      for (const line of more) this.#app.say(visibleLine(line));
      this.#app.say(visibleLine(first));
    } catch (error) {
      if (stop.signal.aborted) this.#app.say("the export was cancelled; the state is kept");
      else if (error instanceof AlreadyThere && (await this.#mayOverwrite(error))) {
        this.#stop = undefined;
        await this.#run(work, { force: true });
      } else if (!(error instanceof AlreadyThere)) throw error;
    } finally {
      if (this.#stop === stop) this.#stop = undefined;
      show(undefined);
    }
  }

  async #mayOverwrite({ places }: AlreadyThere): Promise<boolean> {
    this.#app.act({ kind: "exporting", words: undefined });
    const lines = places.map((place) => `${visibleLine(place)} is there already.`);
    return await this.#app.ask({ title: "Overwrite?", lines });
  }
}

/** What is typed for the user, to be changed. */
function proposed(type: string, step: Step, side: StateSide): string {
  const name = defaultName({ step, side });
  const plain = `${side}-${step.id + 1}`;
  switch (type) {
    case "docker":
      return name;
    case "registry":
      return "";
    case "local":
      return plain;
    default:
      return `${plain}.tar`;
  }
}
