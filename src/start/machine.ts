/**
 * How V8 spends memory and processors on a server that waits for an engine most of the time (docs/adr/0052). Part of what
 * kept code is bound to: it is set before the program is compiled.
 */
/**
 * What a function has met is noted from its first call on. By default that begins after some calls, and until then
 * each access to a property is looked up anew: in a short session that is most of them.
 */
const NOTED = "--no-lazy-feedback-allocation";
/** A collection takes 1 ms then, as the young generation stays small; else it grows to 32 MB. */
const YOUNG = "--semi-space-growth-factor=1";
/**
 * What is hot for less is over before its optimized form is of any use, and the optimizing takes a processor and 3 MB.
 * Before Node 22 V8 counts work, from then on calls.
 */
const HOT_BY_WORK: readonly string[] = ["--interrupt-budget=4000000", "--max-bytecode-size-for-early-opt=0"];
const HOT_BY_CALLS: readonly string[] = [
  "--invocation-count-for-turbofan=100000",
  "--invocation-count-for-maglev=20000",
  "--invocation-count-for-early-optimization=100000",
];

/**
 * Node's own modules that a server needs. Node has their compiled form for V8's defaults only, and compiles what comes
 * later anew, which takes 40 ms.
 */
const NEEDED: readonly string[] = [
  "assert",
  "child_process",
  "cluster",
  "crypto",
  "dgram",
  "dns",
  "fs/promises",
  "http2",
  "perf_hooks",
  "stream/promises",
  "timers/promises",
  "tty",
  "zlib",
];

/** @param require of Node's loader: no other start pays for what this one needs */
export function spareMachine(require: NodeJS.Require): void {
  for (const name of NEEDED) require(`node:${name}`);
  const { setFlagsFromString }: typeof import("node:v8") = require("node:v8");
  for (const flag of flagsOf(process.versions.node)) setFlagsFromString(flag);
}

/** V8 writes to standard error about a flag that it does not know: each version of Node is asked for its own only. */
function flagsOf(nodeVersion: string): readonly string[] {
  const isByCalls = Number(nodeVersion.split(".")[0]) >= 22;
  return [NOTED, YOUNG, ...(isByCalls ? HOT_BY_CALLS : HOT_BY_WORK)];
}
