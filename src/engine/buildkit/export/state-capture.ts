/** Reads states out of containers: a tar of all their files, without what is mounted in them. */
import { randomUUID } from "node:crypto";
import { BktuiError, toBktuiError } from "../../../base/errors.ts";
import type { Upload } from "../../../session/upload.ts";
import {
  type Build,
  type Container,
  type ExportSource,
  type OpenedState,
  type Process,
  STATES_AT,
  type StatesSource,
  TARGET,
} from "../../engine.ts";
import {
  CAPTURE_ENV,
  CAPTURE_SCRIPT,
  type CapturedPart,
  type CaptureEnd,
  directoriesAround,
  MOUNTS_SCRIPT,
  mountedBelow,
  partArguments,
} from "./capture-script.ts";
import { tarOf } from "./tar-stream.ts";

type Signal = { readonly signal: AbortSignal };

export type CapturedSource = Extract<ExportSource, { readonly way: "captured" | "reproduced" }>;

/** Archives of a state in the order in which they are unpacked, and what has been said when they were read. */
export interface Captured {
  readonly archives: readonly Upload[];
  /** Once they have been read; untrusted text. */
  notes(): readonly string[];
}

export interface CaptureParts {
  readonly container: Build["container"];
  /** Told of the bytes that have been read so far. */
  readonly onBytes: (bytes: number) => void;
}

/** Where an image has its shell; what has none is read by programs of a debug root. */
const SHELL = "/bin/sh";
const MOST_NOTES = 20;

/** Whose programs read. */
interface Reader extends AsyncDisposable {
  readonly container: Container;
  readonly root: string;
}

/** Reads one state; containers that it needs live as long as their archive is read. */
export class StateCapture {
  readonly #parts: CaptureParts;
  readonly #ends: CaptureEnd[] = [];
  readonly #bytes = new Map<number, number>();

  constructor(parts: CaptureParts) {
    this.#parts = parts;
  }

  /** @throws {BktuiError} "engine" when the container that has the state is gone. */
  async of(source: CapturedSource, { signal }: Signal): Promise<Captured> {
    const { open } = source;
    const notes = (): readonly string[] => notesOf(this.#ends);
    const kept = statesOf(source);
    if (open === undefined) {
      if (kept === undefined) throw new BktuiError("internal", "no state to read");
      return { archives: [this.#archive(0, () => this.#beside(kept), { kind: "all" })], notes };
    }
    const root = open.isDebugRoot && source.way === "captured" ? TARGET : "/";
    const mounted = mountedBelow(root, await this.#output(open, MOUNTS_SCRIPT, { signal }));
    const inside = async (): Promise<Reader> => ({
      container: open.container,
      root,
      [Symbol.asyncDispose]: async () => undefined,
    });
    const around = directoriesAround(mounted);
    const live = this.#archive(0, inside, { kind: "all-but", paths: mounted, around });
    const directories = this.#archive(1, inside, { kind: "directories", paths: around });
    if (kept === undefined || mounted.length === 0) return { archives: [live, directories], notes };
    // What the mounts hide nobody can have changed. The directories around it come last, with their times.
    const hidden = this.#archive(2, () => this.#beside(kept), { kind: "at", paths: mounted });
    return { archives: [hidden, live, directories], notes };
  }

  #archive(index: number, reader: () => Promise<Reader>, part: CapturedPart): Upload {
    const read = async function* (this: StateCapture, { signal }: Signal): AsyncGenerator<Uint8Array> {
      await using from = await reader();
      const mark = randomUUID();
      const process = await this.#start(
        from.container,
        [CAPTURE_SCRIPT, "sh", mark, from.root, ...partArguments(part)],
        {
          signal,
        },
      );
      yield* tarOf(process, {
        mark,
        onBytes: (bytes) => {
          this.#bytes.set(index, bytes);
          this.#parts.onBytes([...this.#bytes.values()].reduce((all, each) => all + each, 0));
        },
        onEnd: (end) => this.#ends.push(end),
      });
    };
    return read.bind(this);
  }

  /** A container without the step's mounts, in which the state lies: with the programs of BASE, or of the debug root. */
  async #beside(states: StatesSource): Promise<Reader> {
    const { signal } = new AbortController();
    for (const debugRoot of [undefined, "root"] as const) {
      const container = await this.#parts.container(states, { signal, debugRoot });
      const reader = {
        container,
        root: STATES_AT.other,
        [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
      };
      if (debugRoot !== undefined || (await this.#hasTar(states, { signal }))) return reader;
      await reader[Symbol.asyncDispose]();
    }
    throw new BktuiError("internal", "no container to read a state with");
  }

  async #hasTar(states: StatesSource, { signal }: Signal): Promise<boolean> {
    await using container = await this.#parts.container(states, { signal });
    try {
      const said = await outputOf(await this.#start(container, ["command -v tar; exit 0"], { signal }));
      return said.trim() !== "";
    } catch (error) {
      // The engine's way to say that there is no such program.
      if (toBktuiError(error).code === "engine") return false;
      throw error;
    }
  }

  async #output({ container }: OpenedState, script: string, { signal }: Signal): Promise<string> {
    return await outputOf(await this.#start(container, [script], { signal }));
  }

  async #start(container: Container, script: readonly string[], { signal }: Signal): Promise<Process> {
    const args = [SHELL, "-c", ...script];
    return await container.start(
      { args, env: CAPTURE_ENV, terminal: undefined, exact: true, directory: "/", user: "0:0" },
      { signal },
    );
  }
}

async function outputOf(process: Process): Promise<string> {
  const chunks: Uint8Array[] = [];
  process.onData((chunk) => chunks.push(chunk));
  await process.exited;
  return Buffer.concat(chunks).toString("latin1");
}

/** Where what the mounts hide is: in the state as it was kept, or in BASE where none was. */
function statesOf(source: CapturedSource): StatesSource | undefined {
  if (source.way === "captured") return { side: "states", failure: source.failure };
  const { vertex, base } = source;
  return base === undefined ? undefined : { side: "states", vertex, base, after: base };
}

function notesOf(ends: readonly CaptureEnd[]): readonly string[] {
  const lines = ends
    .flatMap(({ said }) => said.split("\n"))
    // Sockets are part of no image.
    .filter((line) => line.trim() !== "" && !/socket ignored|unknown file type/.test(line));
  const more = lines.length > MOST_NOTES ? [`and ${lines.length - MOST_NOTES} more`] : [];
  const lost = ends.some(({ program }) => program === "other")
    ? ["extended attributes are not in it: there is no GNU tar to read them"]
    : [];
  return [...lost, ...lines.slice(0, MOST_NOTES), ...more];
}
