/** What was typed after `:` is done. */
import { unreachable } from "../../base/errors.ts";
import { withGiven } from "../../console/build-input.ts";
import type { CommandLine } from "../commands/command-line.ts";
import type { CommandId } from "../commands/keymap.ts";
import type { Switch } from "../commands/set-command.ts";
import type { ScreenSettings } from "../commands/settings.ts";
import type { Desk } from "./app.ts";
import type { Session } from "./attached.ts";
import type { CommandPorts } from "./ports.ts";

export interface TypedCommandsOptions {
  readonly desk: Desk;
  readonly ports: CommandPorts;
  /** undefined until the engine is found. */
  session(): Session | undefined;
  /** A command of the key table. */
  run(command: CommandId): void;
}

export class TypedCommands {
  readonly #options: TypedCommandsOptions;
  readonly #desk: Desk;

  constructor(options: TypedCommandsOptions) {
    this.#options = options;
    this.#desk = options.desk;
  }

  obey(line: CommandLine): void {
    const session = this.#options.session();
    const control = session?.control;
    switch (line.kind) {
      case "nothing":
        return;
      case "line":
        control?.goToLine(line.line, line.nth);
        return;
      case "command":
        this.#options.run(line.command);
        return;
      case "break":
        control?.addTyped(line.typed);
        return;
      case "target":
        control?.setTarget(line.stage);
        return;
      case "set":
        this.#set(line.setting, line.on);
        return;
      case "change":
        this.#desk.act({ kind: "settings", change: line.change });
        this.#desk.say(`set: ${changeWords(line.change)}`);
        return;
      case "failure":
        this.#desk.act({ kind: "focus", pane: "log" });
        control?.showFailure({ number: line.step });
        return;
      case "give":
        control?.give((request) =>
          withGiven(request, line.option, line.text, this.#options.ports.surroundings),
        );
        return;
      case "argument":
        control?.setArgument(line.name, line.value);
        return;
      case "send":
        session?.shells.send(line.text);
        return;
      case "unknown":
        this.#desk.say(line.why);
        return;
      default:
        unreachable(line);
    }
  }

  #set(setting: Switch, on: boolean): void {
    switch (setting) {
      case "wrap":
        this.#desk.act({ kind: "log", view: { wrap: on } });
        return;
      case "zoom":
        this.#desk.act({ kind: "zoom", on });
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
