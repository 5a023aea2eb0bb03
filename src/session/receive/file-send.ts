/** The service that receives what a build's exporters send: trees of files, and streams of bytes. */
import { moby } from "#proto";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import { type Attachable, type Call, CallRefused, grpcCode } from "../attachable.ts";
import { receiveTree } from "./receive-tree.ts";
import { type ByteSink, cannotWrite, fullIn } from "./received-file.ts";
import { StagedTree } from "./staged-tree.ts";

const { BytesMessage } = moby.filesync.v1;

/** One output as the engine is to send it. */
export interface Receiver extends AsyncDisposable {
  /** Serves one call of the engine. */
  receive(call: Call): Promise<void>;
  /**
   * Puts what was received in its place.
   * @param answer of the exporters
   * @throws {BktuiError} "io" when that fails, "engine" when nothing has come or not all, whatever the engine says.
   */
  commit(answer: Readonly<Record<string, string>>): void | Promise<void>;
  /** What went wrong on this side, which the engine's own error tells badly. */
  readonly problem: BktuiError | undefined;
}

/** A session's receiving end: nothing is taken but for the outputs that are expected now. */
export class FileSendService implements Attachable {
  readonly methods: Attachable["methods"] = new Map([
    ["/moby.filesync.v1.FileSend/DiffCopy", (call: Call) => this.#take(call)],
  ]);
  #expected: readonly (Receiver | undefined)[] = [];

  /**
   * What the exporters of one build send, in their order; undefined for those that send nothing. Disposing ends that. One
   * build at a time.
   */
  expect(receivers: readonly (Receiver | undefined)[]): Disposable {
    this.#expected = receivers;
    return {
      [Symbol.dispose]: () => {
        this.#expected = [];
      },
    };
  }

  async #take(call: Call): Promise<void> {
    const receiver = this.#expected[exporterOf(call)];
    if (receiver === undefined)
      throw new CallRefused(grpcCode.permissionDenied, "no output of this kind is expected now");
    await receiver.receive(call);
  }
}

/** BuildKit < 0.13 has one exporter and does not say which. */
function exporterOf({ metadata }: Call): number {
  const [text = "0"] = metadata.get("buildkit-attachable-exporter-id") ?? [];
  return /^\d{1,4}$/.test(text) ? Number(text) : -1;
}

/** Receives trees into a directory; each platform of a build sends its own. */
export class DirectoryReceiver implements Receiver {
  problem: BktuiError | undefined;
  readonly #destination: string;
  readonly #mirror: boolean;
  readonly #trees: StagedTree[] = [];
  #isOver = false;
  files = 0;
  bytes = 0;

  /**
   * @param destination absolute
   * @param options.mirror what is there and is not received goes (`mode=delete`)
   */
  constructor(destination: string, { mirror }: { readonly mirror: boolean }) {
    this.#destination = destination;
    this.#mirror = mirror;
  }

  async receive(call: Call): Promise<void> {
    if (this.#isOver || this.#trees.length >= limits.receivedTransfers)
      throw new CallRefused(grpcCode.permissionDenied, "this output has been sent already");
    if (this.#mirror && call.metadata.get("buildkit-exporter-multi-platform")?.[0] !== "1")
      throw this.#note(
        new BktuiError("unsupported", "this engine cannot make an output with mode=delete", {
          hint: "leave mode=delete out, and empty the directory before the build",
        }),
      );
    try {
      const tree = new StagedTree(this.#destination);
      this.#trees.push(tree);
      await receiveTree(call, tree);
    } catch (error) {
      throw this.#note(unwritten(this.#destination, error));
    }
  }

  commit(): void {
    if (this.problem !== undefined) throw this.problem;
    // The engine may say that it is done before its call has ended (BuildKit 0.8).
    if (this.#trees.length === 0 || this.#trees.some((tree) => !tree.isComplete))
      throw incomplete(this.#destination, this.#trees.length > 0);
    for (const tree of this.#trees) {
      try {
        tree.commit({ mirror: this.#mirror });
      } catch (error) {
        throw unwritten(this.#destination, error);
      }
      this.files += tree.files;
      this.bytes += tree.bytes;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const tree of this.#trees.reverse()) tree[Symbol.dispose]();
  }

  #note(error: BktuiError): BktuiError {
    this.problem ??= error;
    return error;
  }
}

/** Receives one stream of bytes. */
export class StreamReceiver implements Receiver {
  problem: BktuiError | undefined;
  readonly where: string;
  readonly #open: () => Promise<ByteSink>;
  #sink: ByteSink | undefined;
  #isTaken = false;
  #isComplete = false;
  #isOver = false;

  /** @param open called when the first bytes come, as docker's client does it */
  constructor(where: string, open: () => Promise<ByteSink>) {
    this.where = where;
    this.#open = open;
  }

  get bytes(): number {
    return this.#sink?.bytes ?? 0;
  }

  async receive(call: Call): Promise<void> {
    if (this.#isTaken || this.#isOver)
      throw new CallRefused(grpcCode.permissionDenied, "this output has been sent already");
    this.#isTaken = true;
    try {
      for await (const message of call.messages) {
        const { data } = BytesMessage.decode(message);
        if (data.length === 0) continue;
        await (await this.#opened()).write(data);
      }
      await this.#sink?.end();
      this.#isComplete = true;
    } catch (error) {
      const failure = toBktuiError(error, "io");
      // What the engine cancels it tells better itself.
      if (failure.code !== "cancelled") this.problem ??= failure;
      throw failure;
    }
  }

  async #opened(): Promise<ByteSink> {
    if (this.#sink !== undefined) return this.#sink;
    const sink = await this.#open();
    this.#sink = sink;
    if (this.#isOver) await sink[Symbol.asyncDispose]();
    return sink;
  }

  commit(): void {
    if (this.problem !== undefined) throw this.problem;
    if (this.#sink === undefined || !this.#isComplete) throw incomplete(this.where, this.#isTaken);
    this.#sink.commit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#sink?.[Symbol.asyncDispose]();
  }
}

function incomplete(where: string, hasBegun: boolean): BktuiError {
  const what = hasBegun ? "not sent all" : "sent nothing";
  return new BktuiError("engine", `the engine says that it is done, and has ${what} for ${where}`);
}

function unwritten(where: string, error: unknown): BktuiError {
  if (error instanceof BktuiError && error.code !== "io") return error;
  const full = fullIn(error);
  if (full !== undefined) return cannotWrite(where, full);
  const why = error instanceof Error ? error.message.replace(/, \w+ '.*$/s, "") : String(error);
  return new BktuiError("io", `cannot write to ${where}: ${why}`, { cause: error });
}
