/** Writes definitions as LLB-writing tools do: ops by ops, the result last. */
import { createHash } from "node:crypto";
import { pb } from "#proto";
import type { Graph } from "../../src/graph/graph.ts";
import { decodeDefinition } from "../../src/protocol/llb.ts";

/** One output of an op that has been written. */
export interface Ref {
  readonly digest: string;
  readonly output: number;
}

export interface Named {
  /** `llb.customname`. */
  readonly name?: string;
  readonly metadata?: pb.OpMetadata.$Properties;
  /** Lines of the source map. */
  readonly at?: readonly number[];
}

export interface ExecOptions extends Named {
  /** Root file system; undefined = scratch. */
  readonly on?: Ref;
  readonly env?: readonly string[];
  readonly cwd?: string;
  readonly meta?: pb.Meta.$Properties;
  /** Besides the root; `from` is made an input. */
  readonly mounts?: readonly (pb.Mount.$Properties & { readonly from?: Ref })[];
  /** Of the root mount. */
  readonly root?: pb.Mount.$Properties;
  readonly exec?: pb.ExecOp.$Properties;
}

/** One definition that is being written. */
export class LlbWriter {
  readonly #def: Uint8Array[] = [];
  readonly #metadata: Record<string, Uint8Array> = {};
  readonly #lines = new Map<string, readonly number[]>();

  image(reference: string, named: Named = {}): Ref {
    return this.source(`docker-image://${reference}`, {}, named);
  }

  source(identifier: string, attrs: Readonly<Record<string, string>> = {}, named: Named = {}): Ref {
    return this.op({ source: { identifier, attrs: { ...attrs } } }, [], named);
  }

  /** A text is run by /bin/sh. */
  exec(command: string | readonly string[], options: ExecOptions = {}): Ref {
    const inputs: Ref[] = options.on === undefined ? [] : [options.on];
    const root = { input: inputs.length - 1, dest: "/", output: 0, ...options.root };
    const mounts = (options.mounts ?? []).map(({ from, ...mount }) => {
      if (from !== undefined) inputs.push(from);
      return { input: from === undefined ? -1 : inputs.length - 1, output: -1, ...mount };
    });
    const args = typeof command === "string" ? ["/bin/sh", "-c", command] : [...command];
    const meta = { args, env: [...(options.env ?? [])], cwd: options.cwd ?? "/", ...options.meta };
    return this.op({ exec: { meta, mounts: [root, ...mounts], ...options.exec } }, inputs, options);
  }

  /** @param inputs the root file system first; an action without an `input` works on what the one before it has made */
  file(actions: readonly pb.FileAction.$Properties[], inputs: readonly Ref[] = [], named: Named = {}): Ref {
    const last = actions.length - 1;
    const chained = actions.map((action, index) => ({
      input: index > 0 ? inputs.length + index - 1 : inputs.length === 0 ? -1 : 0,
      secondaryInput: -1,
      output: index === last ? 0 : -1,
      ...action,
    }));
    return this.op({ file: { actions: chained } }, inputs, named);
  }

  merge(layers: readonly Ref[], named: Named = {}): Ref {
    return this.op({ merge: { inputs: layers.map((_, input) => ({ input })) } }, layers, named);
  }

  /** @param lower undefined = scratch */
  diff(lower: Ref | undefined, upper: Ref, named: Named = {}): Ref {
    const inputs = lower === undefined ? [upper] : [lower, upper];
    const diff = { lower: { input: lower === undefined ? -1 : 0 }, upper: { input: inputs.length - 1 } };
    return this.op({ diff }, inputs, named);
  }

  op(op: pb.Op.$Properties, inputs: readonly Ref[], named: Named = {}): Ref {
    return this.bytes(pb.Op.encode({ inputs: inputs.map(inputOf), ...op }).finish(), named);
  }

  /** An op of a kind that nobody knows. */
  unknown(field: number, inputs: readonly Ref[], named: Named = {}): Ref {
    const known = pb.Op.encode({ inputs: inputs.map(inputOf) }).finish();
    const tag = field * 8 + 2;
    return this.bytes(Buffer.concat([known, Buffer.from([(tag & 0x7f) | 0x80, tag >> 7, 1, 0])]), named);
  }

  bytes(bytes: Uint8Array, { name, metadata, at }: Named = {}): Ref {
    const digest = digestOf(bytes);
    if (this.#metadata[digest] === undefined) this.#def.push(bytes);
    const description = {
      ...metadata?.description,
      ...(name === undefined ? {} : { "llb.customname": name }),
    };
    this.#metadata[digest] = pb.OpMetadata.encode({ ...metadata, description }).finish();
    if (at !== undefined) this.#lines.set(digest, at);
    return { digest, output: 0 };
  }

  definition(
    result: Ref,
    source?: { readonly filename: string; readonly text: string; readonly language: string },
  ): pb.Definition.$Shape {
    const terminal = pb.Op.encode({ inputs: [inputOf(result)] }).finish();
    const position = (line: number) => ({ line });
    const locations = [...this.#lines].map(
      ([digest, lines]) =>
        [
          digest,
          {
            locations: lines.map((line) => ({
              sourceIndex: 0,
              ranges: [{ start: position(line), end: position(line) }],
            })),
          },
        ] as const,
    );
    const infos =
      source === undefined
        ? []
        : [{ filename: source.filename, data: Buffer.from(source.text), language: source.language }];
    return pb.Definition.decode(
      pb.Definition.encode({
        def: [...this.#def, terminal],
        metadata: { ...this.#metadata, [digestOf(terminal)]: new Uint8Array() },
        ...(source === undefined ? {} : { Source: { infos, locations: Object.fromEntries(locations) } }),
      }).finish(),
    );
  }

  /** What `--llb` reads. */
  encoded(result: Ref): Uint8Array {
    return pb.Definition.encode(this.definition(result)).finish();
  }

  graph(...given: Parameters<LlbWriter["definition"]>): Graph {
    return decodeDefinition(this.definition(...given));
  }
}

function inputOf({ digest, output }: Ref): pb.Input.$Properties {
  return { digest, index: output };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
