/** Runs a program and makes its standard input and output one stream of bytes. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { Duplex } from "node:stream";
import { Deadline } from "../../base/deadline.ts";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { EngineKind } from "../engine-kind.ts";
import type { CommandAddress } from "./dial-command.ts";
import { commandEnded, commandMissing, commandSilent, commandTalks } from "./dial-words.ts";
import { ProcessGroup } from "./process-group.ts";

/** ssh alone gives a host 30 s, and tells more than this does. */
const FIRST_BYTE_TIMEOUT_MS = 40_000;
/** How long what a command has said may take to arrive after its end; its children may keep the pipes open. */
const LAST_WORDS_MS = 300;
/**
 * What an engine's answer begins with: the length of a SETTINGS frame, which gRPC servers send unasked, or "HTTP". docker
 * says on standard output, not as an error, that a container lacks a program (28.5), and a shell over there may greet.
 */
const FIRST_BYTES: Record<EngineKind, number> = { buildkitd: 0, dockerd: 0x48 };

/**
 * Starts the program of an address in a session of its own: it cannot ask anything on this terminal, and ends with all its
 * children when the stream is destroyed, or with bktui. The stream ends when the program does, and fails with its own words
 * when that was no success or when it says nothing for 40 s. The caller destroys it.
 * @throws {BktuiError} "engine-unreachable" when there is no such program, "cancelled".
 */
export async function startCommand(
  address: CommandAddress,
  { signal, patienceMs = FIRST_BYTE_TIMEOUT_MS }: StartOptions = {},
): Promise<Duplex> {
  const child = spawn(address.program, [...address.args], {
    // The group's leader, and without a terminal, as docker and buildctl run it.
    detached: true,
    env: { ...process.env, ...address.env },
    stdio: "pipe",
  });
  try {
    await once(child, "spawn", signal === undefined ? {} : { signal });
  } catch (error) {
    if (child.pid === undefined && signal?.aborted !== true) throw commandMissing(address, error);
    if (child.pid !== undefined) new ProcessGroup(child.pid).end();
    throw new BktuiError("cancelled", "cancelled", { cause: error });
  }
  if (child.pid === undefined) throw commandMissing(address, undefined);
  return streamOf(child, new ProcessGroup(child.pid), { address, patienceMs });
}

interface StartOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the program may say nothing at first. */
  readonly patienceMs?: number;
}

function streamOf(
  child: ChildProcessWithoutNullStreams,
  group: ProcessGroup,
  { address, patienceMs }: { readonly address: CommandAddress; readonly patienceMs: number },
): Duplex {
  const words = lastWords(child);
  const untilFirstByte = new Deadline(patienceMs);
  const stream = new Duplex({
    // The end of the program is the end of both directions.
    allowHalfOpen: false,
    read: () => child.stdout.resume(),
    // What a dying command no longer takes is told by its end, with its reason.
    write: (chunk: Buffer, _encoding, done) => void child.stdin.write(chunk, (error) => error ?? done()),
    final: (done) => {
      // Of a pipe that is closed already, its end would never be told.
      child.stdin.end();
      done();
    },
    destroy: (error, done) => {
      untilFirstByte[Symbol.dispose]();
      group.end();
      for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.destroy();
      done(error);
    },
  });
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe.on("error", () => undefined);
  child.on("error", () => undefined);
  untilFirstByte.signal.addEventListener("abort", () =>
    stream.destroy(commandSilent(address, { seconds: patienceMs / 1000, words: words.text() })),
  );
  const hear = (chunk: Buffer): void => {
    if (!stream.push(chunk)) child.stdout.pause();
  };
  child.stdout.once("data", (chunk: Buffer) => {
    untilFirstByte[Symbol.dispose]();
    if (chunk[0] === FIRST_BYTES[address.speaks]) {
      child.stdout.on("data", hear);
      return hear(chunk);
    }
    words.add(chunk);
    child.stdout.on("data", words.add);
    const unlessItEnds = setTimeout(() => stream.destroy(commandTalks(address, words.text())), LAST_WORDS_MS);
    child.once("exit", () => clearTimeout(unlessItEnds));
  });
  child.once("exit", (code, endedBy) => {
    untilFirstByte[Symbol.dispose]();
    void allHeard(child).then(() => {
      group.end();
      if (code === 0) stream.push(null);
      else stream.destroy(commandEnded(address, { code, endedBy, words: words.text() }));
    });
  });
  return stream;
}

/** What the program says about itself: the end of it. */
interface Words {
  readonly add: (chunk: Buffer) => void;
  text(): string;
}

function lastWords({ stderr }: ChildProcessWithoutNullStreams): Words {
  let said = Buffer.alloc(0);
  const add = (chunk: Buffer): void => {
    said = Buffer.concat([said, chunk]).subarray(-limits.commandWordsBytes);
  };
  stderr.on("data", add);
  return { add, text: () => said.toString() };
}

/** Resolves when both outputs of a program that has ended are read to their end, or will not come to it. */
async function allHeard(child: ChildProcessWithoutNullStreams): Promise<void> {
  using deadline = new Deadline(LAST_WORDS_MS);
  const outputs = [child.stdout, child.stderr].filter((output) => !output.readableEnded);
  await Promise.all(outputs.map((output) => once(output, "end", { signal: deadline.signal }))).catch(
    // A child of the command keeps them open, or nobody reads on: what is there must do.
    () => undefined,
  );
}
