/** Looks at paths in a step's container. Waits: part of the debugger's runtime, like answer.ts. */
import { randomUUID } from "node:crypto";
import { Deadline } from "../../../base/deadline.ts";
import { BktuiError, throwIfCancelled, toBktuiError } from "../../../base/errors.ts";
import { BESIDE, type Build, type Container, type ContainerSource } from "../../../engine/engine.ts";
import type { SolveFailed } from "../../../engine/failures.ts";
import type { Answer, Question } from "../../questions/questions.ts";
import { FULL, type Seen } from "../../questions/seen.ts";
import type { Library } from "../library.ts";
import type { KernelCount } from "./kernel.ts";
import { PROBE, parseProbe } from "./probe.ts";

type Sight = Extract<Question, { kind: "sight" }>;
type Signal = { readonly signal: AbortSignal };

/** A cache that somebody else holds, a disk that does not answer: the failure is not explained by waiting for them. */
const PATIENCE_MS = 20_000;
/** Of all heads and tables together. */
const MOST_CHARACTERS = 1024 * 1024;
/** What the programs would say otherwise in the language of the image. */
const ENVIRONMENT = ["LC_ALL=C"];

/** @throws {BktuiError} "not-now" when it cannot be seen, "unsupported" without programs to look with. */
export async function sightOf(
  question: Sight,
  library: Pick<Library, "failure" | "before"> & { readonly build: Build },
  { signal }: Signal,
): Promise<Answer> {
  using deadline = new Deadline(PATIENCE_MS, signal);
  const { place } = question;
  const options = { signal: deadline.signal };
  // With the image's own programs; with those of a debug root where it lacks them.
  const seen =
    (await looked(question, library, { ...options, debugRoot: undefined })) ??
    (await looked(question, library, { ...options, debugRoot: "beside" }));
  throwIfCancelled(signal);
  if (seen === undefined) throw new BktuiError("not-now", "the state could not be looked at");
  return { kind: "sight", place, seen: counted(seen, library.before) };
}

/** On this machine's own kernel only what came while the build was there counts. */
function counted(seen: Seen, before: KernelCount | undefined): Seen {
  const { boot, memoryKills } = seen;
  if (before === undefined || memoryKills === undefined || boot !== before.boot) return seen;
  return { ...seen, memoryKills: memoryKills - before.memoryKills, countedSince: "build" };
}

/** Undefined when the programs are missing. */
async function looked(
  { place, paths }: Sight,
  { build, failure }: { readonly build: Build; readonly failure: SolveFailed | undefined },
  { signal, debugRoot }: Signal & { readonly debugRoot: "beside" | undefined },
): Promise<Seen | undefined> {
  const { vertex, side } = place;
  if (side === "failed" && failure?.vertex !== vertex)
    throw new BktuiError("not-now", "it is no failure now");
  const source: ContainerSource =
    side === "failed" && failure !== undefined ? { side, failure } : { side: "base", vertex };
  const mark = randomUUID();
  const shell = debugRoot === undefined ? ["/bin/sh"] : [`${BESIDE}/bin/busybox`, "sh"];
  const environment = debugRoot === undefined ? ENVIRONMENT : [...ENVIRONMENT, `PATH=${BESIDE}/bin`];
  const args = [...shell, "-c", PROBE, "sh", mark, ...paths];
  try {
    await using container = await build.container(source, { signal, debugRoot });
    return parseProbe(await outputOf(container, { args, env: environment }, { signal }), mark, paths);
  } catch (error) {
    const { code, message } = toBktuiError(error);
    if (/no space left on device/i.test(message)) return FULL;
    // The engine's way to say that there is no such program.
    if (code === "engine") return undefined;
    throw error;
  }
}

async function outputOf(
  container: Container,
  { args, env }: { readonly args: readonly string[]; readonly env: readonly string[] },
  { signal }: Signal,
): Promise<string> {
  const stop = (): void => void container[Symbol.asyncDispose]();
  signal.addEventListener("abort", stop);
  try {
    const process = await container.start({ args, env, terminal: undefined }, { signal });
    let text = "";
    process.onData((chunk) => {
      if (text.length < MOST_CHARACTERS) text += Buffer.from(chunk).toString("latin1");
    });
    await process.exited;
    return text;
  } finally {
    signal.removeEventListener("abort", stop);
    throwIfCancelled(signal);
  }
}
