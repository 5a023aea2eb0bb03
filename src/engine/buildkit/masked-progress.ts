/** Progress without the values of secrets. */
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Progress } from "../engine.ts";
import { MaskedLogs } from "./masked-logs.ts";

type Log = Extract<Progress, { kind: "log" }>;

/** Masks the reports of one build. */
export class MaskedProgress {
  readonly #mask: SecretMask;
  readonly #emit: (progress: Progress) => void;
  readonly #logs: MaskedLogs<Log>;

  constructor(mask: SecretMask, emit: (progress: Progress) => void) {
    this.#mask = mask;
    this.#emit = emit;
    this.#logs = new MaskedLogs(mask, {
      vertexOf: ({ vertex }) => vertex,
      keyOf: ({ stream, vertex }) => `${stream} ${vertex}`,
      dataOf: ({ data }) => data,
      emit: (log, data) => emit({ ...log, data }),
    });
  }

  push(progress: Progress): void {
    switch (progress.kind) {
      case "vertex": {
        if (progress.completedMs !== undefined) this.#logs.complete(progress.vertex);
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
        this.#logs.push(progress);
    }
  }

  /** After each message: the last output of a step comes behind the news of its end. */
  settle(): void {
    this.#logs.settle();
  }
}
