/** Puts a definition together: ops with their inputs first, names and places in the plan. */
import { createHash } from "node:crypto";
import { pb } from "#proto";
import type { Lines } from "./read-plan.ts";

/** One output of an op that has been written. */
export interface Ref {
  readonly digest: string;
  readonly index: number;
}

/** What BuildKit takes for "nothing" among numbers of inputs and outputs, modes and times. */
export const NONE = -1;

/** Collects ops and writes them as one `pb.Definition`. An op that is there already is not written twice. */
export class LlbWriter {
  readonly #ops = new Map<string, Uint8Array>();
  readonly #metadata: Record<string, Uint8Array> = {};
  readonly #places = new Map<string, Lines[]>();
  readonly #platform: pb.Platform.$Properties;

  constructor(platform: pb.Platform.$Properties) {
    this.#platform = platform;
  }

  /** @returns its first output */
  add(op: pb.Op.$Properties, name: string, lines: Lines): Ref {
    const bytes = pb.Op.encode({ ...op, platform: this.#platform }).finish();
    const digest = digestOf(bytes);
    this.#ops.set(digest, bytes);
    this.#metadata[digest] = pb.OpMetadata.encode({ description: { "llb.customname": name } }).finish();
    const places = this.#places.get(digest) ?? [];
    this.#places.set(digest, [...places, lines]);
    return { digest, index: 0 };
  }

  /** @param file the text that lines are of */
  definition(result: Ref, file: { readonly name: string; readonly text: string }): Uint8Array {
    const terminal = pb.Op.encode({ inputs: [result] }).finish();
    const locations: Record<string, pb.Locations.$Properties> = {};
    for (const [digest, places] of this.#places)
      locations[digest] = {
        locations: places.map((lines) => ({ sourceIndex: 0, ranges: [rangeOf(lines)] })),
      };
    return pb.Definition.encode({
      def: [...this.#ops.values(), terminal],
      metadata: { ...this.#metadata, [digestOf(terminal)]: new Uint8Array() },
      Source: {
        locations,
        infos: [{ filename: file.name, data: Buffer.from(file.text), language: "JSON" }],
      },
    }).finish();
  }
}

function rangeOf({ start, end }: Lines): pb.Range.$Properties {
  return { start: { line: start, character: 0 }, end: { line: end, character: 0 } };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
