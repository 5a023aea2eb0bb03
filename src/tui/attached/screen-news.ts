/** What happens to a build, told on the screen: in the row of messages, in the log, or only by what is drawn anyhow. */

import { unreachable } from "../../base/errors.ts";
import { count } from "../../base/words.ts";
import { isUntouched } from "../../console/build-status.ts";
import type { BuildEvent, BuildEventOf, Remedy } from "../../console/phrases/build-events.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { App } from "../controls/app.ts";

export interface ScreenNewsOptions {
  readonly app: Pick<App, "keys" | "say"> & {
    announce(text: string, level: "info" | "error"): void;
  };
  readonly debug: Debugger;
  /** Adds a line to the log. */
  note(text: string): void;
}

/** Puts events into the row of messages and into the log. */
export class ScreenNews {
  readonly #options: ScreenNewsOptions;

  constructor(options: ScreenNewsOptions) {
    this.#options = options;
  }

  /** What happened at once. */
  tell(events: readonly BuildEvent[]): void {
    for (const event of events) this.#tellOne(event);
    this.#warn(events.filter((event) => event.kind === "warning"));
  }

  #tellOne(event: BuildEvent): void {
    const { app, debug, note } = this.#options;
    switch (event.kind) {
      // The first row says it, or the summary in the log.
      case "attempt":
      case "loaded":
      case "finished":
      case "refused":
      case "warning":
      case "engine-still-silent":
        return;
      case "paused": {
        const { phase } = debug.state;
        if (phase.kind !== "paused" || !isUntouched(phase)) note(event.words);
        if (event.reason.kind === "breakpoint" && event.reason.problem !== undefined) app.say(event.words);
        return;
      }
      case "failed":
        if (event.uncaught !== undefined) app.say(event.words);
        return;
      case "connection-lost":
      case "engine-silent":
        app.announce(this.#withHelp(event), "error");
        return;
      case "thread-stopped":
        note(event.words);
        app.say(event.words);
        return;
      case "log-point":
        note(event.words);
        app.say(event.words);
        return;
      case "reconnected":
      case "thread-shown":
      case "engine-answers":
      case "cannot-show":
      case "breakpoint-moved":
      case "breakpoint-lost":
      case "cache-broke":
        app.say(this.#withHelp(event));
        return;
      case "cache-wait":
        this.tellOfWaiting(event.words);
        return;
      default:
        unreachable(event);
    }
  }

  /** A step waits, or gives no sign of life. */
  tellOfWaiting(words: string): void {
    this.#options.note(words);
    this.#options.app.say(words);
  }

  /** All go into the log. Those about a line are marked there; of those about none the newest goes into the row of messages. */
  #warn(news: readonly BuildEventOf<"warning">[]): void {
    const { app, debug, note } = this.#options;
    for (const { words } of news) note(words);
    const newest = news.findLast(({ warning }) => warning.ranges.length === 0);
    if (newest !== undefined) app.say(newest.words);
    else if (news.length > 0)
      app.say(
        `${count(debug.progress.warnings.length, "warning")}; ${app.keys.keyOf("warnings")} tells of them`,
      );
  }

  #withHelp({ words, remedy }: BuildEvent): string {
    return remedy === undefined
      ? words
      : `${words}; ${this.#options.app.keys.keyOf("rerun")} ${HELP[remedy]}`;
  }
}

/** What the key that reruns does about it. */
const HELP: Readonly<Record<Remedy, string>> = {
  rerun: "runs it again",
  reconnect: "connects anew",
};
