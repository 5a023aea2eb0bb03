/** Keys of the Files pane. */
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, posix, resolve } from "node:path";
import { isHarmful } from "../../base/visible.ts";
import { byteSize } from "../../base/words.ts";
import type { CommandId } from "../../console/command-table.ts";
import { copyFile } from "../../debugger/files/copy.ts";
import { readPartOf } from "../../debugger/files/readings.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { StepId } from "../../graph/program.ts";
import { type FilesRow, rowOfPath } from "../panes/files/files-tree.ts";
import { type FilesState, flipped, startedList } from "../state/files-state.ts";
import type { UiAction } from "../state/ui-state.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";
import type { OverlayControl } from "./overlay-control.ts";

export interface FilesControlOptions {
  readonly app: App;
  readonly overlays: OverlayControl;
  /** Absolute; what typed paths are relative to. */
  readonly directory: string;
}

/** A file that is to be written, while its name is being typed. */
interface Chosen {
  readonly attached: Attached;
  readonly step: StepId;
  readonly side: StateSide;
  readonly path: string;
}

/** Performs the commands of the Files pane. */
export class FilesControl {
  readonly #app: App;
  readonly #options: FilesControlOptions;
  #chosen: Chosen | undefined;

  constructor(options: FilesControlOptions) {
    this.#app = options.app;
    this.#options = options;
  }

  /** False = not a command of this pane. */
  run(command: CommandId, attached: Attached): boolean {
    switch (command) {
      case "changes":
        this.#show(attached, "changes");
        return true;
      case "files":
        this.#show(attached, "all");
        return true;
      case "open-sought":
        this.#openSearched(attached);
        return true;
      case "file-open":
        this.#open(attached);
        return true;
      case "file-fold":
        this.#fold();
        return true;
      case "files-all":
        this.#exchange();
        return true;
      case "files-sort":
        this.#sort();
        return true;
      case "file-write":
        this.#askName(attached);
        return true;
      default:
        return false;
    }
  }

  /** `5`: as it was left; for another step when one was chosen elsewhere. */
  focus(attached: Attached | undefined): void {
    const { ui } = this.#app;
    if (attached === undefined) this.#app.act({ kind: "focus", pane: "files" });
    else if (ui.focus !== "files") this.#show(attached, ui.filesPane.lists);
  }

  /** `h` and `l`: out of a directory and into it. False while a text is shown: that is scrolled. */
  sideways(move: "left" | "right"): boolean {
    const { row, pane } = this.#here();
    if (pane.text.shown) return false;
    if (move === "right") {
      if (row?.fold === "folded") this.#flip(row.path);
    } else if (row?.fold === "unfolded") this.#flip(row.path);
    else if (row?.path !== undefined) this.#goToParent(row.path);
    return true;
  }

  /** Esc: true when there was a text to close. */
  close(): boolean {
    const { focus, filesPane } = this.#app.ui;
    if (focus !== "files" || !filesPane.text.shown) return false;
    this.#act({ text: { ...filesPane.text, shown: false } });
    return true;
  }

  /** A name was typed for the copy. */
  write(typed: string): void {
    const chosen = this.#chosen;
    this.#chosen = undefined;
    if (chosen !== undefined && typed.trim() !== "") this.#app.background(this.#write(chosen, typed));
  }

  /** A directory in the list of all files. */
  showDirectory(attached: Attached, typed: string): void {
    const path = posix.resolve("/", typed);
    this.#showAt(attached, "all", { open: new Set(["/", ...directoriesAround(path), path]), at: path });
  }

  /** The difference of a file below the list of changes. */
  showDifference(attached: Attached, typed: string): void {
    const path = posix.resolve("/", typed);
    const { text } = this.#app.ui.filesPane;
    this.#showAt(attached, "changes", { at: path, text: { ...text, shown: true, top: undefined } });
  }

  /** What is in a file, below the list of all files. */
  showContent(attached: Attached, typed: string): void {
    const path = posix.resolve("/", typed);
    const { text } = this.#app.ui.filesPane;
    const open = new Set(["/", ...directoriesAround(path)]);
    this.#showAt(attached, "all", { open, at: path, text: { ...text, shown: true, top: undefined } });
  }

  #showAt(attached: Attached, lists: FilesState["lists"], change: Partial<FilesState>): void {
    this.#show(attached, lists);
    this.#act(change);
  }

  #show(attached: Attached, lists: FilesState["lists"]): void {
    const view = this.#app.view();
    const { filesPane } = view.ui;
    const step = view.selected?.id;
    const isSame = step === filesPane.step && lists === filesPane.lists;
    // What was refused is asked for again.
    attached.fileReadings.again();
    this.#app.act(
      ...(isSame ? [] : [{ kind: "files", change: startedList(filesPane, { step, lists }) } as const, TOP]),
      ...sideOfShell(view.ui.focus === "shell" ? view.ui.shell : undefined),
      { kind: "focus", pane: "files" },
    );
  }

  /** The stage that a COPY takes from, at the deepest directory of the path that exists. */
  #openSearched(attached: Attached): void {
    const { ui, explanation } = this.#app.view();
    const searched = explanation?.searched;
    if (searched === undefined) {
      this.#app.say(`${this.#key("open-sought")}: no source of another stage is missing here`);
      return;
    }
    const { step, directory } = searched;
    attached.fileReadings.again();
    const open = new Set(["/", ...directoriesAround(directory), directory]);
    this.#app.act(
      { kind: "side", step, side: "after" },
      {
        kind: "files",
        change: { ...startedList(ui.filesPane, { step, lists: "all" }), open, at: directory },
      },
      TOP,
      { kind: "focus", pane: "files" },
    );
  }

  #open(attached: Attached): void {
    const { row, pane } = this.#here();
    if (row?.path === undefined) return;
    if (row.fold !== "none") {
      this.#flip(row.path);
      return;
    }
    attached.fileReadings.again();
    this.#act({ text: { ...pane.text, shown: true, top: undefined } });
  }

  /** On a file: the directory around it. */
  #fold(): void {
    const { row } = this.#here();
    if (row === undefined) return;
    if (row.fold !== "none") this.#flip(row.path);
    else if (row.folder !== undefined) this.#flip(row.folder);
    else this.#app.say(`${this.#key("file-fold")}: it is in no directory that folds`);
  }

  #flip(path: string | undefined): void {
    if (path === undefined) return;
    const { pane } = this.#here();
    if (pane.lists === "all") this.#act({ open: flipped(pane.open, path), at: path });
    else this.#act({ toggled: flipped(pane.toggled, path), at: path });
  }

  #goToParent(path: string): void {
    const cursor = rowOfPath(this.#here().rows, posix.dirname(path));
    if (cursor !== undefined) this.#app.act({ kind: "list", pane: "files", view: { cursor } });
  }

  /** Changed files or all; the selected one stays selected. */
  #exchange(): void {
    const { row, pane } = this.#here();
    const lists = pane.lists === "all" ? "changes" : "all";
    const change = startedList(pane, { lists });
    const at = row?.path;
    this.#app.act(TOP);
    this.#act({ ...change, text: pane.text, at, open: new Set([...change.open, ...directoriesAround(at)]) });
  }

  #sort(): void {
    const { row, pane } = this.#here();
    const order = pane.order === "path" ? "size" : "path";
    this.#act({ order, at: row?.path });
    this.#app.say(order === "size" ? "the largest first" : "in the order of the paths");
  }

  #askName(attached: Attached): void {
    const { row } = this.#here();
    const { files } = this.#app.view();
    const side = row === undefined ? undefined : this.#sideOf(row);
    if (row?.path === undefined || files === undefined || side === undefined) {
      this.#app.say(`${this.#key("file-write")}: no file is selected`);
      return;
    }
    const entry = side === "base" && row.change !== undefined ? row.change.before : row.entry;
    if (entry?.kind !== "file") {
      this.#app.say(`${this.#key("file-write")}: only files are written, this is no file`);
      return;
    }
    this.#chosen = { attached, step: files.step.id, side, path: row.path };
    this.#options.overlays.prompt("write", harmlessName(basename(row.path)));
  }

  /** Where the file is: in the state that is looked at, or in the only one that has it. */
  #sideOf({ change }: FilesRow): StateSide | undefined {
    const { files, ui } = this.#app.view();
    if (files === undefined) return undefined;
    if (ui.filesPane.lists === "all" || change === undefined) return files.side;
    if (change.before === undefined) return files.compared;
    return change.after === undefined ? "base" : files.side;
  }

  async #write({ attached, step, side, path }: Chosen, typed: string): Promise<void> {
    const target = this.#pathOf(typed);
    const { confirmOverwrite } = this.#app.ui.settings;
    const size = await copyFile(
      {
        read: readPartOf(attached.debug, { step, side }, path),
        target,
        mayReplace: async (what) =>
          !confirmOverwrite ||
          (await this.#app.ask({
            title: "Overwrite?",
            lines: [
              what === "link" ? `${target} is a link; it is replaced by the file.` : `${target} is replaced.`,
            ],
          })),
      },
      { signal: attached.fileReadings.signal },
    );
    if (size === undefined) this.#app.say("nothing was written");
    else this.#app.say(`wrote ${byteSize(size)} to ${target}`);
  }

  #pathOf(typed: string): string {
    const path = typed.startsWith("~/") ? homedir() + typed.slice(1) : typed;
    return isAbsolute(path) ? resolve(path) : resolve(this.#options.directory, path);
  }

  #here(): {
    readonly row: FilesRow | undefined;
    readonly rows: readonly FilesRow[];
    readonly pane: FilesState;
  } {
    const { ui, files } = this.#app.view();
    const rows = files?.rows ?? [];
    return { row: rows[ui.files.cursor], rows, pane: ui.filesPane };
  }

  #act(change: Partial<FilesState>): void {
    this.#app.act({ kind: "files", change });
  }

  #key(command: CommandId): string {
    return this.#app.keys.keyOf(command);
  }
}

const TOP: UiAction = { kind: "list", pane: "files", view: { cursor: 0, top: 0 } };

/** The shell pane shows one state of its own: that is what is meant from there. */
function sideOfShell(
  shell: { readonly step: number; readonly side: StateSide } | undefined,
): readonly UiAction[] {
  return shell === undefined ? [] : [{ kind: "side", step: shell.step, side: shell.side }];
}

function directoriesAround(path: string | undefined): readonly string[] {
  const directories: string[] = [];
  for (let place = path ?? "/"; place !== "/"; place = dirname(place)) directories.push(place);
  return directories.slice(1);
}

/** The names of an image are its own: what a terminal or a shell would stumble over is left out. */
function harmlessName(name: string): string {
  const shown = [...name].map((char) => (isHarmful(char.codePointAt(0) ?? 0) ? "_" : char)).join("");
  return shown.replace(/^[~-]/, "_").trim();
}
