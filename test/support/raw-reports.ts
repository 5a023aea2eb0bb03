/** Reads what `--progress=rawjson` prints, of docker and of bktui. */

interface Vertex {
  readonly digest: string;
  readonly inputs?: readonly string[];
  readonly name?: string;
  readonly started?: string;
  readonly completed?: string;
  readonly cached?: boolean;
  readonly error?: string;
}

interface Status {
  readonly vertexes?: readonly Vertex[];
  readonly statuses?: readonly { readonly id: string; readonly vertex: string }[];
  readonly logs?: readonly { readonly vertex: string; readonly stream: number; readonly data: string }[];
  readonly warnings?: readonly {
    readonly vertex?: string;
    readonly short: string;
    readonly sourceInfo?: { readonly definition?: unknown };
  }[];
}

/** What is known of a vertex at the end. */
export interface Folded {
  readonly digest: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outcome: "waiting" | "running" | "done" | "cached" | "failed";
  readonly error: string;
  /** By stream, in order. */
  readonly log: Readonly<Record<string, string>>;
}

/** Lines that are no report are left out: both print in words why a build failed. */
export function reportsOf(text: string): readonly Status[] {
  return text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as Status] : []));
}

/**
 * By name. Digests of the context, of what is made of it and of exports are another one in each build, by its session: they
 * count as their names.
 */
export function foldReports(text: string): readonly Folded[] {
  const vertices = new Map<string, Folded>();
  for (const { vertexes = [], logs = [] } of reportsOf(text)) {
    for (const {
      digest,
      name = "",
      inputs = [],
      started,
      completed,
      cached = false,
      error = "",
    } of vertexes) {
      const ended = error !== "" ? "failed" : cached ? "cached" : "done";
      const outcome = completed !== undefined ? ended : started === undefined ? "waiting" : "running";
      const log = vertices.get(digest)?.log ?? {};
      vertices.set(digest, { digest, name, inputs, outcome, error, log });
    }
    for (const { vertex, stream, data } of logs) {
      const of = vertices.get(vertex);
      if (of === undefined) throw new Error(`output of ${vertex}, which was not told of`);
      const printed = Buffer.from(data, "base64").toString("latin1");
      vertices.set(vertex, { ...of, log: { ...of.log, [stream]: (of.log[stream] ?? "") + printed } });
    }
  }
  const isOfSession = (digest: string): boolean => {
    const { name = "", inputs = [] } = vertices.get(digest) ?? {};
    return /^(\[internal\] load|exporting )/.test(name) || inputs.some(isOfSession);
  };
  const named = (digest: string): string =>
    isOfSession(digest) ? (vertices.get(digest)?.name ?? digest) : digest;
  return [...vertices.values()]
    .map((each) => ({ ...each, digest: named(each.digest), inputs: each.inputs.map(named) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** Warnings with the name of their vertex, without how the engine came by the file. */
export function warningsOf(text: string): readonly object[] {
  const reports = reportsOf(text);
  const names = new Map(
    reports.flatMap(({ vertexes = [] }) => vertexes.map(({ digest, name }) => [digest, name])),
  );
  return reports.flatMap(({ warnings = [] }) =>
    warnings.map(({ vertex = "", short, sourceInfo, ...rest }) => {
      const { definition: _definition, ...source } = sourceInfo ?? {};
      return { ...rest, source, short: Buffer.from(short, "base64").toString(), vertex: names.get(vertex) };
    }),
  );
}
