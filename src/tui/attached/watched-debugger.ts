/** A debugger that can be looked at and not be told anything, for a screen that only watches. */
import type { Command, Debugger } from "../../debugger/debugger.ts";
import { type Refusal, refusedFor } from "../../debugger/remedies.ts";
import { WATCHING_WORDS } from "../commands/watching.ts";

const REFUSAL: Refusal = { why: WATCHING_WORDS };

/** All reads go to the debugger; commands and containers are refused, whatever key or word led to them. */
export function watchedDebugger(debug: Debugger): Debugger {
  const refuse = (): never => {
    throw refusedFor(REFUSAL);
  };
  return {
    get state() {
      return debug.state;
    },
    get heldCaches() {
      return debug.heldCaches;
    },
    engine: debug.engine,
    progress: debug.progress,
    subscribe: (listener) => debug.subscribe(listener),
    dispatch: (_command: Command) => refuse(),
    whyNot: () => REFUSAL,
    rest: (options) => debug.rest(options),
    states: (step) => debug.states(step),
    environment: (...place) => debug.environment(...place),
    opText: (vertex) => debug.opText(vertex),
    masked: (text) => debug.masked(text),
    lookUp: (...question) => debug.lookUp(...question),
    container: () => Promise.reject(refusedFor(REFUSAL)),
    exportState: () => Promise.reject(refusedFor(REFUSAL)),
    writeBundle: () => Promise.reject(refusedFor(REFUSAL)),
    files: (...place) => debug.files(...place),
    readFile: (...place) => debug.readFile(...place),
    changes: (...place) => debug.changes(...place),
    // It belongs to whoever made it.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
