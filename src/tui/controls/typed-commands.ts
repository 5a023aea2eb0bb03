/** What was typed after `:` is done. */
import { BktuiError, toBktuiError, unreachable } from "../../base/errors.ts";
import type { CommandId } from "../../console/command-table.ts";
import type { Reading, TypedCommand } from "../../console/read-command.ts";
import { namedStep, type StepName } from "../../console/step-names.ts";
import { parseSet, type Switch } from "../commands/set-command.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import { isLooking, WATCHING_WORDS } from "../commands/watching.ts";
import { whyUnavailable } from "../state/availability.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";
import type { ExportControl } from "./export-control.ts";
import type { FilesControl } from "./files-control.ts";
import type { GraphControl } from "./graph-control.ts";
import type { CommandPorts } from "./ports.ts";
import { sayVariable } from "./say-variable.ts";

export interface TypedCommandsOptions {
  readonly app: App;
  readonly ports: CommandPorts;
  readonly files: FilesControl;
  readonly graph: GraphControl;
  readonly exports: ExportControl;
  /** undefined until the engine is found. */
  attached(): Attached | undefined;
  /** A command of the key table. */
  run(command: CommandId): void;
}

/** Performs what was typed after `:`. */
export class TypedCommands {
  readonly #options: TypedCommandsOptions;
  readonly #app: App;

  constructor(options: TypedCommandsOptions) {
    this.#options = options;
    this.#app = options.app;
  }

  obey(reading: Reading): void {
    if (reading.kind === "unknown") this.#app.say(reading.why);
    if (reading.kind !== "command") return;
    if (this.#app.view().availability.screen === "watching" && !isLooking(reading.command.id)) {
      this.#app.say(WATCHING_WORDS);
      return;
    }
    try {
      this.#obey(reading.command, this.#options.attached());
    } catch (error) {
      const { message, hint } = toBktuiError(error);
      this.#app.say(hint === undefined ? message : `${message}; ${hint}`);
    }
  }

  #obey(command: TypedCommand, attached: Attached | undefined): void {
    const control = attached?.control;
    switch (command.id) {
      case "pane-source":
        if (command.line === undefined) this.#options.run(command.id);
        else control?.goToLine(command.line, command.nth);
        return;
      case "run-to":
        if (command.line === undefined) this.#options.run(command.id);
        else control?.toLine("run-to", command.line, command.nth);
        return;
      case "goto":
        if (command.line === undefined) this.#options.run(command.id);
        else control?.toLine(command.id, command.line, command.nth);
        return;
      case "break-line":
        if (command.place === undefined) this.#options.run(command.id);
        else control?.addTyped(command.place);
        return;
      case "log-point":
        control?.ruled(command);
        return;
      case "break-rule":
      case "break-why":
        if (command.number === undefined) this.#options.run(command.id);
        else control?.ruled(command);
        return;
      case "catch":
        control?.ruled(command);
        return;
      case "break-delete":
        if (command.number === undefined) this.#options.run(command.id);
        else control?.removeNumbered(command.number);
        return;
      case "break-on":
      case "break-off":
        control?.enableNumbered(command.number, command.id === "break-on");
        return;
      case "target":
        if (command.stage === undefined) this.#options.run(command.id);
        else control?.setTarget(command.stage);
        return;
      case "thread":
        if (command.which === undefined) this.#options.run(command.id);
        else control?.showThread(command.which);
        return;
      case "dap":
        this.#app.background(this.#letEditorsIn(command.where));
        return;
      case "secret":
      case "ssh":
      case "allow":
      case "build-arg":
        control?.give(command.id, command.text);
        return;
      case "arg":
        control?.setArgument(command.name, command.value);
        return;
      default:
        this.#look(command, attached);
    }
  }

  async #letEditorsIn(where: string): Promise<void> {
    this.#app.say(await this.#options.ports.letEditorsIn(where));
  }

  #look(command: TypedCommand, attached: Attached | undefined): void {
    switch (command.id) {
      case "shell":
      case "shell-new":
      case "shell-restart":
      case "shell-retry":
      case "debug-shell":
      case "changes":
      case "pane-info":
        this.#goTo(command.step, attached);
        this.#options.run(command.id);
        return;
      case "graph-op":
        if (command.step === undefined || attached === undefined) this.#options.run(command.id);
        else this.#options.graph.showOp(namedStep(attached.debug, command.step), attached.debug);
        return;
      case "pane-log":
        if ((command.from ?? command.count ?? command.pattern) !== undefined)
          throw new BktuiError("usage", "log: a range or a pattern is for lines alone; / searches the pane");
        this.#goTo(command.step, attached);
        if (command.step !== undefined || command.raw)
          this.#app.act({
            kind: "log",
            view: { raw: command.raw, oneStep: command.step !== undefined, full: true, top: undefined },
          });
        this.#options.run(command.id);
        return;
      case "failure-next":
        this.#failure(command.step, attached);
        return;
      case "export":
        this.#goTo(command.step, attached);
        if (command.words.length === 0 || attached === undefined) this.#options.run(command.id);
        else this.#options.exports.start(attached, command.words);
        return;
      case "bundle":
        if (command.words.length === 0 || attached === undefined) this.#options.run(command.id);
        else this.#options.exports.bundle(attached, command.words);
        return;
      case "run-program":
        if (command.args.length === 0) this.#options.run(command.id);
        else attached?.shells.enter({ program: command.args });
        return;
      case "help":
        this.#app.act({ kind: "overlay", overlay: { kind: "help", filter: command.about, selected: 0 } });
        return;
      case "settings":
        this.#settings(command.text);
        return;
      case "shell-send":
        if (command.text === "^]") attached?.shells.send("\u001d");
        else this.#app.say("shell-send knows ^] only");
        return;
      default:
        this.#lookInto(command, attached);
    }
  }

  /** What is about the inside of a state. */
  #lookInto(command: TypedCommand, attached: Attached | undefined): void {
    switch (command.id) {
      case "files":
        this.#goTo(command.step, attached);
        if (command.path === undefined || attached === undefined) this.#options.run(command.id);
        else this.#options.files.showDirectory(attached, command.path);
        return;
      case "file-diff":
        this.#goTo(command.step, attached);
        if (attached !== undefined) this.#options.files.showDifference(attached, command.path);
        return;
      case "file-show":
        this.#goTo(command.step, attached);
        if (attached !== undefined) this.#options.files.showContent(attached, command.path);
        return;
      case "environment":
        this.#goTo(command.step, attached);
        this.#options.run("pane-info");
        if (command.name !== undefined && attached !== undefined)
          this.#app.background(sayVariable(this.#app, attached.debug, command.name));
        return;
      case "shell-command":
        this.#goTo(command.step, attached);
        this.#inShell(command.text, attached);
        return;
      default:
        this.#options.run(command.id);
    }
  }

  #inShell(text: string, attached: Attached | undefined): void {
    const why = whyUnavailable("shell-command", this.#app.view().availability);
    if (why !== undefined) this.#app.say(`shell -c: ${why}`);
    else if (attached !== undefined) this.#app.background(attached.shells.runInShell(text));
  }

  /** The cursor goes to a step, so that what follows is about it. */
  #goTo(name: StepName | undefined, attached: Attached | undefined): void {
    if (name !== undefined && attached !== undefined)
      attached.control.goToStep(namedStep(attached.debug, name).id);
  }

  #failure(name: StepName | undefined, attached: Attached | undefined): void {
    if (name === undefined || attached === undefined) {
      this.#options.run("failure-next");
      return;
    }
    this.#app.act({ kind: "focus", pane: "log" });
    attached.control.showFailure({ number: namedStep(attached.debug, name).id + 1 });
  }

  #settings(text: string): void {
    if (text === "") {
      this.#options.run("settings");
      return;
    }
    const read = parseSet(text.split(/\s+/));
    switch (read.kind) {
      case "set":
        this.#switch(read.setting, read.on);
        return;
      case "change":
        this.#app.act({ kind: "settings", change: read.change });
        this.#app.say(`set: ${changeWords(read.change)}`);
        return;
      case "unknown":
        this.#app.say(read.why);
        return;
      default:
        unreachable(read);
    }
  }

  #switch(setting: Switch, on: boolean): void {
    switch (setting) {
      case "wrap":
        this.#app.act({ kind: "log", view: { wrap: on } });
        return;
      case "zoom":
        this.#app.act({ kind: "zoom", on });
        return;
      case "color":
        this.#options.ports.setTheme({ color: on });
        return;
      case "ascii":
        this.#options.ports.setTheme({ ascii: on });
        return;
      default:
        unreachable(setting);
    }
  }
}

function changeWords(change: Partial<ScreenSettings>): string {
  return Object.entries(change)
    .map(([name, value]) => `${name} ${typeof value === "boolean" ? (value ? "on" : "off") : String(value)}`)
    .join(", ");
}
