/** Output of steps without the values of secrets. */
import { limits } from "../../base/limits.ts";
import { MaskStream, type SecretMask } from "../../session/secret-mask.ts";

interface Streams<Log> {
  /** Of a piece of output; pieces of one stream have the same. */
  readonly vertexOf: (log: Log) => string;
  readonly keyOf: (log: Log) => string;
  readonly dataOf: (log: Log) => Uint8Array;
  readonly emit: (log: Log, data: Uint8Array) => void;
}

/** Masks each vertex's output as one stream: a value may be cut anywhere. */
export class MaskedLogs<Log> {
  readonly #mask: SecretMask;
  readonly #of: Streams<Log>;
  /** Output that waits for what follows. */
  readonly #streams = new Map<string, { readonly stream: MaskStream; last: Log }>();
  readonly #completed = new Set<string>();

  constructor(mask: SecretMask, of: Streams<Log>) {
    this.#mask = mask;
    this.#of = of;
  }

  push(log: Log): void {
    const data = this.#of.dataOf(log);
    if (this.#mask.isEmpty) {
      this.#of.emit(log, data);
      return;
    }
    const key = this.#of.keyOf(log);
    const { stream } = this.#streams.get(key) ?? { stream: new MaskStream(this.#mask) };
    this.#show(log, stream.push(data));
    if (stream.isHolding) this.#streams.set(key, { stream, last: log });
    else this.#streams.delete(key);
  }

  /** Remembered only while there is something to hide: nothing waits otherwise. */
  complete(vertex: string): void {
    if (this.#mask.isEmpty || this.#completed.size >= limits.vertices) return;
    this.#completed.add(vertex);
  }

  /** After each message: the last output of a step comes behind the news of its end. */
  settle(): void {
    for (const [key, { stream, last }] of this.#streams) {
      if (!this.#completed.has(this.#of.vertexOf(last))) continue;
      this.#streams.delete(key);
      this.#show(last, stream.end());
    }
  }

  #show(log: Log, data: Uint8Array): void {
    if (data.length > 0) this.#of.emit(log, data);
  }
}
