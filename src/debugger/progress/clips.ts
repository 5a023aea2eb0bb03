/** Where the engine left out a part of a step's output. */
import type { Digest } from "../../graph/graph.ts";

export interface Clip {
  /** As the engine says it: "2MiB", "200KiB/s". */
  readonly limit: string;
  /** How many lines of the step had come before. */
  readonly line: number;
}

/** BuildKit (0.8 to 0.32) ends the piece of output with it that reaches the limit. */
const CLIPPED = /\n\[output clipped, log limit (([\d.]+)([KMGT]?)i?B(?:\/s)?) reached\]\n$/;
const LONGEST = 80;
const UNITS = "KMGT";

/** Told of output as it comes. A step that only prints the engine's words has not printed as much as they say. */
export class Clips {
  readonly #bytes = new Map<string, number>();
  readonly #clips = new Map<Digest, Clip>();

  note(
    { vertex, stream, data }: { readonly vertex: Digest; readonly stream: string; readonly data: Uint8Array },
    line: number,
  ): void {
    const key = `${stream} ${vertex}`;
    const bytes = (this.#bytes.get(key) ?? 0) + data.length;
    this.#bytes.set(key, bytes);
    if (this.#clips.has(vertex) || data.at(-2) !== CLOSING) return;
    const said = CLIPPED.exec(Buffer.from(data.subarray(-LONGEST)).toString("latin1"));
    if (said === null) return;
    const [whole, limit = "", count = "", unit = ""] = said;
    const limitBytes = Number(count) * 1024 ** (UNITS.indexOf(unit) + 1);
    // Values of secrets are hidden in what is counted here.
    if (bytes - whole.length >= limitBytes * MOSTLY) this.#clips.set(vertex, { limit, line });
  }

  of(vertex: Digest): Clip | undefined {
    return this.#clips.get(vertex);
  }
}

const CLOSING = "]".charCodeAt(0);
const MOSTLY = 0.9;
