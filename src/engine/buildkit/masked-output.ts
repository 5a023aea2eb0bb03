/** The output of a process that somebody looks at, without the values of secrets. */
import { MaskStream, type SecretMask } from "../../session/secret-mask.ts";

/** Who types what begins like a value sees that much after so long. */
const RELEASE_AFTER_MS = 50;

/** Masks the output of one process, wherever its chunks are cut. */
export class MaskedOutput {
  readonly #stream: MaskStream;
  readonly #emit: (data: Uint8Array) => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(mask: SecretMask, emit: (data: Uint8Array) => void) {
    this.#stream = new MaskStream(mask);
    this.#emit = emit;
  }

  push(data: Uint8Array): void {
    clearTimeout(this.#timer);
    this.#show(this.#stream.push(data));
    if (this.#stream.isReleasable) {
      this.#timer = setTimeout(() => this.#show(this.#stream.release()), RELEASE_AFTER_MS);
    }
  }

  /** Nothing follows. */
  end(): void {
    clearTimeout(this.#timer);
    this.#show(this.#stream.end());
  }

  #show(data: Uint8Array): void {
    if (data.length > 0) this.#emit(data);
  }
}
