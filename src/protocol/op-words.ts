/** What an op does, in words, for definitions without a source; see docs/adr/0042-a-listing-says-nothing-of-its-own.md. */
import type { pb } from "#proto";
import { byteSize } from "../base/words.ts";
import type { OpLine, OpWords, Vertex } from "../graph/graph.ts";
import { unknownOpNumber } from "./op-number.ts";
import { execWords, type KindWords } from "./op-words-exec.ts";
import { fileWords } from "./op-words-file.ts";
import { bigintOf, inputIndex, numberOf } from "./scalars.ts";

type Op = ReturnType<typeof pb.Op.decode>;
type Metadata = ReturnType<typeof pb.OpMetadata.decode>;

/** @param vertex what is known of it already */
export function opWords(
  op: Op,
  metadata: Metadata,
  { inputs, rootInput, bytes }: Pick<Vertex, "inputs" | "rootInput" | "bytes">,
): OpWords {
  const { verb, object, lines } = wordsOf(op, { count: inputs.length, rootInput, bytes });
  const told = new Set(lines.map(({ input }) => input));
  const others = inputs.flatMap((_, input): OpLine[] =>
    told.has(input) ? [] : [{ label: "input", text: "", input }],
  );
  return {
    verb,
    object,
    isNamed: (metadata.description?.["llb.customname"] ?? "") !== "",
    lines: [...lines, ...others, ...platformLines(op), ...metadataLines(metadata)],
  };
}

interface OpPlace {
  readonly count: number;
  readonly rootInput: number | undefined;
  readonly bytes: Uint8Array;
}

function wordsOf(op: Op, { count, rootInput, bytes }: OpPlace): KindWords {
  switch (op.op) {
    case "exec":
      return execWords(op.exec, count);
    case "file":
      return fileWords(op.file, count, rootInput);
    case "source":
      return sourceWords(op.source);
    case "merge":
      return {
        verb: "merge",
        object: "",
        lines: (op.merge.inputs ?? []).map(({ input }) => inputLine("layer", inputIndex(input, count))),
      };
    case "diff":
      return {
        verb: "diff",
        object: "",
        lines: [
          inputLine("lower", inputIndex(op.diff.lower?.input ?? -1, count)),
          inputLine("upper", inputIndex(op.diff.upper?.input ?? -1, count)),
        ],
      };
    case "build":
      return buildWords(op.build, count);
    case "passthrough":
      return {
        verb: "passthrough",
        object: op.passthrough.id ?? "",
        lines: (op.passthrough.outputs ?? []).map((input, output) =>
          inputLine(`out ${output}`, inputIndex(input, count)),
        ),
      };
    default: {
      const number = unknownOpNumber(bytes);
      return { verb: number === undefined ? "empty op" : `unknown op ${number}`, object: "", lines: [] };
    }
  }
}

/** A line that names an input, or that there is none. */
export function inputLine(label: string, input: number | undefined): OpLine {
  return { label, text: "", input: input ?? "scratch" };
}

/** What BuildKit 0.32 knows; the scheme of any other one is its verb. */
const SOURCE_VERBS: ReadonlyMap<string, string> = new Map([
  ["docker-image", "image"],
  ["docker-image+blob", "blob"],
  ["oci-layout", "oci-layout"],
  ["oci-layout+blob", "oci-blob"],
  ["local", "local"],
  ["git", "git"],
  ["http", "http"],
  ["https", "https"],
]);
/** They are others in each run. */
const OF_THE_RUN: ReadonlySet<string> = new Set([
  "local.session",
  "local.unique",
  "local.sharedkeyhint",
  "oci.session",
]);

function sourceWords({ identifier, attrs }: pb.SourceOp.$Shape): KindWords {
  const [, scheme = "source", rest = identifier ?? ""] =
    /^([a-z0-9+.-]+):\/\/(.*)$/is.exec(identifier ?? "") ?? [];
  const isImage = scheme.startsWith("docker-image") || scheme.startsWith("oci-layout");
  const [name = "", digest] = isImage ? rest.split("@", 2) : [withoutUser(rest)];
  const known = Object.entries(attrs ?? {}).filter(([key]) => !OF_THE_RUN.has(key));
  return {
    verb: SOURCE_VERBS.get(scheme.toLowerCase()) ?? scheme,
    object: scheme === "docker-image" ? name.replace(/^docker\.io\/(library\/)?/, "") : name,
    lines: [
      ...(digest === undefined ? [] : [{ label: "digest", text: digest }]),
      ...known.sort(byKey).map(
        ([key, value]): OpLine => ({
          label: key,
          // What a header says may be a password.
          text: key.startsWith("http.header.") ? "***" : value,
        }),
      ),
    ],
  };
}

/** Users and passwords of a URL are nobody's to see. */
function withoutUser(rest: string): string {
  return rest.replace(/^[^/@\s]*@/, (user) => (user === "git@" ? user : "***@"));
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function buildWords({ builder, inputs, def, attrs }: pb.BuildOp.$Shape, count: number): KindWords {
  const at = numberOf(builder);
  const own = def?.def?.length ?? 0;
  return {
    verb: "build",
    object: "",
    lines: [
      at < 0 ? { label: "builder", text: "the engine" } : inputLine("builder", inputIndex(at, count)),
      ...Object.entries(inputs ?? {})
        .sort(byKey)
        .map(
          ([name, { input }]): OpLine => ({
            label: "reads",
            text: `${name} of `,
            input: inputIndex(input, count) ?? "scratch",
          }),
        ),
      ...(own === 0 ? [] : [{ label: "reads", text: `a definition of ${own} ops` }]),
      ...Object.entries(attrs ?? {})
        .sort(byKey)
        .map(([label, text]): OpLine => ({ label, text })),
    ],
  };
}

function platformLines({ platform, constraints }: Op): readonly OpLine[] {
  const { OS, Architecture, Variant, OSVersion, OSFeatures = [] } = platform ?? {};
  const name = [OS, Architecture, Variant, OSVersion].filter((part) => part).join("/");
  const text = [name, ...(OSFeatures ?? [])].filter((part) => part !== "").join(", ");
  return [
    ...(text === "" ? [] : [{ label: "platform", text }]),
    ...(constraints?.filter ?? []).map((filter) => ({ label: "worker", text: filter })),
  ];
}

function metadataLines({ ignoreCache, progressGroup, linuxResources }: Metadata): readonly OpLine[] {
  const { memory, memorySwap, cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems } = linuxResources ?? {};
  const number = (
    value: Parameters<typeof bigintOf>[0],
    words: (value: bigint) => string,
  ): readonly string[] => (bigintOf(value) === 0n ? [] : [words(bigintOf(value))]);
  const bytes = (value: bigint): string => (value < 0n ? "any" : byteSize(Number(value)));
  const limits = [
    ...number(memory, (value) => `memory ${bytes(value)}`),
    ...number(memorySwap, (value) => `memory and swap ${bytes(value)}`),
    ...number(cpuShares, (value) => `cpu shares ${value}`),
    ...number(cpuQuota, (value) => `cpu quota ${value} µs`),
    ...number(cpuPeriod, (value) => `cpu period ${value} µs`),
    ...(cpusetCpus ? [`cpus ${cpusetCpus}`] : []),
    ...(cpusetMems ? [`memory nodes ${cpusetMems}`] : []),
  ];
  const group = progressGroup?.name || progressGroup?.id;
  return [
    ...(limits.length === 0 ? [] : [{ label: "limit", text: limits.join(", ") }]),
    ...(ignoreCache ? [{ label: "cache", text: "ignored" }] : []),
    ...(group ? [{ label: "group", text: group }] : []),
  ];
}
