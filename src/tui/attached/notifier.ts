/** Calls a user back who has turned to another window while the build ran. */
import { unreachable } from "../../base/errors.ts";
import { type BuildStatus, buildStatusOf } from "../../console/build-status.ts";
import type { NotifyHow } from "../../console/settings.ts";
import type { App } from "../controls/app.ts";

export interface NotifierOptions {
  readonly app: App;
  readonly nowMs: () => number;
  alert(how: "bell" | "osc9", text: string): void;
}

/** Decides when a bell and a notification are due. */
export class Notifier {
  readonly #options: NotifierOptions;
  #runningSinceMs: number | undefined;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** Call after each change of the debugger's state; `words` say how the build stands. */
  observe(words: string): void {
    const { app, nowMs } = this.#options;
    const isBusy = BUSY.has(buildStatusOf(app.debug?.state));
    if (isBusy) {
      this.#runningSinceMs ??= nowMs();
      return;
    }
    const since = this.#runningSinceMs;
    this.#runningSinceMs = undefined;
    const { settings, terminal } = app.ui;
    if (since === undefined || terminal === "focused" || nowMs() - since < settings.notifyAfterMs) return;
    for (const how of settings.notify) this.#notify(how, words);
  }

  #notify(how: NotifyHow, words: string): void {
    const { app, alert } = this.#options;
    switch (how) {
      case "title":
        app.act({ kind: "terminal", is: "wanted" });
        return;
      case "bell":
      case "osc9":
        alert(how, `bktui: ${words}`);
        return;
      default:
        unreachable(how);
    }
  }
}

const BUSY: ReadonlySet<BuildStatus> = new Set<BuildStatus>(["loading", "running"]);
