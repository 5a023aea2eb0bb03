/** Menus about the build: what a rerun is to change, the target stage, and which platform is shown. */
import { visibleText } from "../../base/visible.ts";
import type { CommandId } from "../../console/command-table.ts";
import { threadLines } from "../../console/phrases/thread-words.ts";
import { stepViews } from "../../debugger/state/inspect.ts";
import { nextThread } from "../../debugger/state/threads.ts";
import { readStages } from "../../graph/dockerfile-text.ts";
import { ownStages } from "../../graph/linked-parts.ts";
import { targetItems } from "../overlays/target-stages.ts";
import type { App } from "./app.ts";
import type { Attached } from "./attached.ts";
import type { OverlayControl } from "./overlay-control.ts";

export interface RunMenusOptions {
  readonly app: App;
  readonly overlays: OverlayControl;
  run(command: CommandId): void;
}

/** Opens the menus before a rerun, and gives the debugger what was chosen. */
export class RunMenus {
  readonly #options: RunMenusOptions;

  constructor(options: RunMenusOptions) {
    this.#options = options;
  }

  /** `R`. A lost connection leaves nothing to choose. */
  chooseRerun(attached: Attached): void {
    const { phase, engineSilent } = attached.debug.state;
    if (phase.kind === "lost" || engineSilent) {
      this.#options.run("rerun-start");
      return;
    }
    const args = Object.keys(attached.debug.state.request?.buildArgs ?? {});
    const items = [
      { label: "from the start", value: "start" },
      { label: "without the cache (--no-cache)", value: "no-cache" },
      { label: "another target", value: "target" },
      { label: "a build argument", value: "argument" },
      ...args.map((name) => ({ label: `without the argument ${name}`, value: `without ${name}` })),
    ];
    this.#options.overlays.menu("Rerun", items, 0, (choice) => {
      if (choice === "start") this.#options.run("rerun-start");
      else if (choice === "no-cache") this.#options.run("rerun-no-cache");
      else if (choice === "target") this.chooseTarget(attached);
      else if (choice === "argument") this.#options.overlays.prompt("argument");
      else attached.control.setArgument(choice.slice("without ".length), undefined);
    });
  }

  /** `P`. The next one is chosen at first, so that the key and Enter go round. */
  chooseThread({ debug, control }: Attached): void {
    const { state } = debug;
    const items = threadLines(state).map((label, id) => ({
      label: visibleText(label.replace(/^>/, "*")),
      value: String(id + 1),
    }));
    this.#options.overlays.menu("Platform", items, nextThread(state), (which) => control.showThread(which));
  }

  /** `T`. */
  chooseTarget(attached: Attached): void {
    const { program, text } = this.#options.app.view().document;
    if (program !== undefined && program.form !== "dockerfile") {
      const { app } = this.#options;
      app.say(`${app.keys.keyOf("target")}: only a Dockerfile has stages that can be targets`);
      return;
    }
    const stages = program === undefined ? readStages(text.lines.join("\n")) : ownStages(program);
    if (stages.length === 0) {
      const { app } = this.#options;
      app.say(`${app.keys.keyOf("target")}: no stages are known; :target NAME sets one`);
      return;
    }
    const { state, progress } = attached.debug;
    const chosen = state.request?.target?.toLowerCase();
    const items = targetItems(stages, stepViews(state, progress));
    const at = items.findIndex(({ value }) => value === chosen);
    const initial = chosen === undefined ? items.length - 1 : Math.max(0, at);
    this.#options.overlays.menu("Target stage", items, initial, (stage) => attached.control.setTarget(stage));
  }
}
