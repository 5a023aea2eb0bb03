/** Progress without the values of secrets. */
import { limits } from "../../base/limits.ts";
import type { Digest } from "../../graph/graph.ts";
import { MaskStream, type SecretMask } from "../../session/secret-mask.ts";
import type { Progress } from "../engine.ts";

type Log = Extract<Progress, { kind: "log" }>;

/** Masks the reports of one build, each vertex's output as one stream. */
export class MaskedProgress {
  readonly #mask: SecretMask;
  readonly #emit: (progress: Progress) => void;
  /** Output that waits for what follows, by vertex and stream. */
  readonly #streams = new Map<string, { readonly stream: MaskStream; last: Log }>();
  readonly #completed = new Set<Digest>();

  constructor(mask: SecretMask, emit: (progress: Progress) => void) {
    this.#mask = mask;
    this.#emit = emit;
  }

  push(progress: Progress): void {
    switch (progress.kind) {
      case "vertex": {
        if (progress.completedMs !== undefined) this.#complete(progress.vertex);
        const name = this.#mask.text(progress.name);
        this.#emit({ ...progress, name, error: this.#mask.text(progress.error) });
        return;
      }
      case "status":
        this.#emit({ ...progress, id: this.#mask.text(progress.id) });
        return;
      case "warning":
        this.#emit({
          ...progress,
          text: this.#mask.text(progress.text),
          detail: (progress.detail ?? []).map((text) => this.#mask.text(text)),
          ...(progress.url === undefined ? {} : { url: this.#mask.text(progress.url) }),
        });
        return;
      case "log":
        this.#log(progress);
    }
  }

  /** After each message: the last output of a step comes behind the news of its end. */
  settle(): void {
    for (const [key, { stream, last }] of this.#streams) {
      if (!this.#completed.has(last.vertex)) continue;
      this.#streams.delete(key);
      this.#show(last, stream.end());
    }
  }

  /** Only while there is something to hide: nothing waits otherwise. */
  #complete(vertex: Digest): void {
    if (this.#mask.isEmpty || this.#completed.size >= limits.vertices) return;
    this.#completed.add(vertex);
  }

  #log(log: Log): void {
    if (this.#mask.isEmpty) {
      this.#emit(log);
      return;
    }
    const key = `${log.stream} ${log.vertex}`;
    const { stream } = this.#streams.get(key) ?? { stream: new MaskStream(this.#mask) };
    this.#show(log, stream.push(log.data));
    if (stream.isHolding) this.#streams.set(key, { stream, last: log });
    else this.#streams.delete(key);
  }

  #show(log: Log, data: Uint8Array): void {
    if (data.length > 0) this.#emit({ ...log, data });
  }
}
