import { describe, expect, test } from "vitest";
import { pb } from "#proto";
import { limits } from "../../../src/base/limits.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { closure } from "../../../src/graph/subgraph.ts";
import { decodeDefinition, digestOfOp, encodeSubDefinition } from "../../../src/protocol/llb.ts";
import { encodeAnnouncement } from "../../../src/protocol/llb-announcement.ts";

type OpShape = pb.Op.$Properties;

/** An op and where it goes: inputs name earlier ops by their place. */
interface Entry {
  readonly op: Omit<OpShape, "inputs">;
  readonly inputs?: readonly (readonly [at: number, output?: number])[];
  readonly metadata?: pb.OpMetadata.$Properties;
  readonly lines?: readonly (readonly number[])[];
}

/** A definition as a frontend would send it, decoded from its own bytes. */
const sourceText = `FROM scratch\r\n${"# more\n".repeat(10)}`;

function definitionOf(entries: readonly Entry[], result?: readonly [at: number, output?: number]) {
  const def: Uint8Array[] = [];
  const metadata: Record<string, Uint8Array> = {};
  const locations: Record<string, pb.Locations.$Properties> = {};
  const inputOf = ([at, output = 0]: readonly [number, number?]) => ({
    digest: digestOfOp(def[at] ?? new Uint8Array()),
    index: output,
  });
  for (const { op, inputs = [], metadata: meta = {}, lines = [] } of entries) {
    const bytes = pb.Op.encode({ ...op, inputs: inputs.map(inputOf) }).finish();
    def.push(bytes);
    metadata[digestOfOp(bytes)] = pb.OpMetadata.encode(meta).finish();
    locations[digestOfOp(bytes)] = {
      locations: lines.map((ranges) => ({
        ranges: ranges.map((line) => ({ start: { line }, end: { line } })),
      })),
    };
  }
  def.push(pb.Op.encode({ inputs: [inputOf(result ?? [entries.length - 1])] }).finish());
  const infos = [{ filename: "Dockerfile", data: Buffer.from(sourceText), language: "Dockerfile" }];
  return pb.Definition.decode(pb.Definition.encode({ def, metadata, Source: { locations, infos } }).finish());
}

const image: Entry = {
  op: { source: { identifier: "docker-image://docker.io/library/busybox:1.36@sha256:00" } },
};
const context: Entry = { op: { source: { identifier: "local://context" } } };
const run = (mounts: pb.Mount.$Properties[], args = ["/bin/sh", "-c", "true"]): Entry["op"] => ({
  exec: { meta: { args, cwd: "/" }, mounts },
});
const root = { dest: "/", input: 0, output: 0 };

function lastOf(entries: readonly Entry[]) {
  const vertex = [...decodeDefinition(definitionOf(entries)).vertices.values()].at(-1);
  if (vertex === undefined) throw new Error("the definition has no vertex");
  return vertex;
}

describe("decoding a definition", () => {
  test("an exec op works on the mount at / and hands on that mount's output", () => {
    const vertex = lastOf([
      image,
      context,
      {
        op: run([
          { dest: "/src", input: 0, output: -1, readonly: true },
          { dest: "/", input: 1, output: 1 },
        ]),
        inputs: [[1], [0]],
      },
    ]);
    expect(vertex).toMatchObject({ kind: "exec", rootInput: 1, rootOutput: 1 });
    expect(vertex.exec?.mounts[0]).toMatchObject({
      input: 0,
      output: undefined,
      readonly: true,
      kind: "bind",
    });
  });

  test("mounts without content take no input and give no output, also where BuildKit 0.8 writes 0 for both", () => {
    const vertex = lastOf([
      image,
      {
        op: run([
          root,
          { dest: "/run/ssh", mountType: pb.MountType.SSH, SSHOpt: { ID: "default", mode: 0o600 } },
          {
            dest: "/run/secrets/a",
            mountType: pb.MountType.SECRET,
            input: -1,
            output: -1,
            secretOpt: { ID: "a", optional: true },
          },
          { dest: "/tmp", mountType: pb.MountType.TMPFS, TmpfsOpt: { size: 4096 }, input: -1, output: -1 },
          {
            dest: "/cache",
            mountType: pb.MountType.CACHE,
            cacheOpt: { ID: "c", sharing: pb.CacheSharingOpt.LOCKED },
            input: -1,
            output: -1,
          },
        ]),
        inputs: [[0]],
      },
    ]);
    expect(vertex.exec?.mounts.slice(1)).toMatchObject([
      { kind: "ssh", input: undefined, output: undefined, secret: { id: "default", mode: 0o600 } },
      { kind: "secret", input: undefined, output: undefined, secret: { id: "a", optional: true } },
      { kind: "tmpfs", input: undefined, output: undefined, tmpfsSize: 4096 },
      { kind: "cache", input: undefined, output: undefined, cache: { id: "c", sharing: "locked" } },
    ]);
  });

  test("a file op's root is the input at the beginning of its chain of actions", () => {
    const vertex = lastOf([
      image,
      context,
      {
        op: {
          file: {
            actions: [
              { input: 0, secondaryInput: 1, output: -1 },
              { input: 2, secondaryInput: 1, output: 0 },
            ],
          },
        },
        inputs: [[0], [1]],
      },
    ]);
    expect(vertex).toMatchObject({
      kind: "file",
      rootInput: 0,
      rootOutput: 0,
      fileActions: [
        { input: 0, output: undefined },
        { input: undefined, output: 0 },
      ],
    });
  });

  test("COPY --link works on nothing, and its merge goes on from what it is merged onto", () => {
    const link: Entry[] = [
      image,
      context,
      {
        op: { file: { actions: [{ input: -1, secondaryInput: 0, output: 0 }] } },
        inputs: [[1]],
        metadata: { progressGroup: { id: "g1", name: "COPY --link" } },
      },
      {
        op: { merge: { inputs: [{ input: 0 }, { input: 1 }] } },
        inputs: [[0], [2]],
        metadata: { progressGroup: { id: "g1" } },
      },
    ];
    expect(lastOf(link.slice(0, 3))).toMatchObject({ rootInput: undefined, progressGroup: "g1" });
    expect(lastOf(link)).toMatchObject({ kind: "merge", rootInput: 0, progressGroup: "g1" });
  });

  test("a vertex stands for all places of identical instructions, and for each line of a heredoc", () => {
    const vertex = lastOf([image, { op: run([root]), inputs: [[0]], lines: [[4], [6, 7, 8]] }]);
    expect(vertex.ranges.map(({ start, end }) => [start, end])).toEqual([
      [4, 4],
      [6, 6],
      [7, 7],
      [8, 8],
    ]);
    expect(vertex.ranges[0]).toEqual({ source: 0, start: lineOf(4), end: lineOf(4) });
  });

  test("sources come as they were read, line ends included", () => {
    expect(decodeDefinition(definitionOf([image])).sources).toEqual([
      { filename: "Dockerfile", text: sourceText, language: "Dockerfile" },
    ]);
  });

  test("proxy variables come in both cases, and unlimited stays huge", () => {
    const vertex = lastOf([
      image,
      {
        op: {
          exec: {
            meta: {
              args: ["x"],
              proxyEnv: { httpsProxy: "http://p" },
              ulimit: [{ Name: "nofile", Soft: -1, Hard: 2 ** 62 }],
            },
            mounts: [root],
            network: pb.NetMode.HOST,
            security: pb.SecurityMode.INSECURE,
          },
        },
        inputs: [[0]],
      },
    ]);
    expect(vertex.exec?.meta).toMatchObject({
      proxyEnv: ["HTTPS_PROXY=http://p", "https_proxy=http://p"],
      ulimits: [{ name: "nofile", soft: -1, hard: 2 ** 62 }],
      network: "host",
      security: "insecure",
    });
  });

  test("places outside of the text are left out or cut, since others go from line to line", () => {
    const ranges = (start: number, end: number) => {
      const definition = definitionOf([image, { op: run([root]), inputs: [[0]] }]);
      const digest = digestOfOp(definition.def?.[1] ?? new Uint8Array());
      const range = { start: { line: start }, end: { line: end } };
      const locations = { [digest]: { locations: [{ sourceIndex: 0, ranges: [range] }] } };
      const { vertices } = decodeDefinition({ ...definition, Source: { ...definition.Source, locations } });
      return vertices.get(digest)?.ranges.map((found) => [found.start, found.end]);
    };
    expect(ranges(2, 2 ** 31 - 1)).toEqual([[2, 12]]);
    expect(ranges(2 ** 31 - 2, 2 ** 31 - 1)).toEqual([]);
    expect(ranges(-5, 3)).toEqual([]);
  });

  test("more operations than any file has are refused", () => {
    const def = Array.from({ length: limits.vertices + 1 }, () => new Uint8Array());
    expect(() => decodeDefinition({ def })).toThrow(/a definition of 20001 operations; the limit is 20000/);
  });

  test("an empty definition is an empty graph", () => {
    expect(decodeDefinition(pb.Definition.decode(new Uint8Array()))).toMatchObject({
      vertices: new Map(),
      result: undefined,
    });
  });

  test("an op of a kind we do not know is kept for what it is", () => {
    // Field 99 of Op, a message: a kind of op from the future.
    const future = Buffer.of(0x9a, 0x06, 0x01, 0x00);
    const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(future) }] }).finish();
    const graph = decodeDefinition({ def: [future, terminal] });
    expect([...graph.vertices.values()]).toMatchObject([{ kind: "unknown", bytes: future }]);
  });

  test.each([
    ["bytes that are no op", { def: [Buffer.of(0xff), new Uint8Array()] }],
    [
      "an edge that leads nowhere",
      { def: [pb.Op.encode({ inputs: [{ digest: `sha256:${"0".repeat(64)}` }] }).finish()] },
    ],
    ["a digest that is none", { def: [pb.Op.encode({ inputs: [{ digest: "x" }] }).finish()] }],
  ])("%s are refused", (_what, definition) => {
    expect(() => decodeDefinition(definition)).toThrowError(expect.objectContaining({ code: "engine" }));
  });
});

describe("encoding a sub-definition", () => {
  const entries: Entry[] = [
    image,
    context,
    { op: run([root], ["a"]), inputs: [[0]], metadata: { description: { "llb.customname": "[1/2] RUN a" } } },
    { op: run([root], ["unneeded"]), inputs: [[0]] },
    {
      op: run([root], ["b"]),
      inputs: [[2]],
      metadata: { ignoreCache: true, caps: { "exec.meta.base": true } },
    },
  ];

  test("takes the needed ops with their bytes, order and metadata, and names the edge as result", () => {
    const definition = definitionOf(entries);
    const graph = decodeDefinition(definition);
    const [, , a, , b] = [...graph.vertices.values()];
    if (a === undefined || b === undefined) throw new Error("two runs were put in");
    const sub = pb.Definition.decode(encodeSubDefinition(graph, { vertex: b.digest, output: 1 }));
    expect(sub.def?.slice(0, -1)).toEqual([definition.def?.[0], definition.def?.[2], definition.def?.[4]]);
    expect(sub.metadata?.[b.digest]).toEqual(definition.metadata?.[b.digest]);
    expect(sub.Source ?? undefined).toBeUndefined();
    const again = decodeDefinition(sub);
    expect(again.result).toEqual({ vertex: b.digest, output: 1 });
    expect([...again.vertices.keys()]).toEqual(closure(graph, { vertex: b.digest, output: 0 }));
    expect(again.vertices.get(a.digest)).toMatchObject({ name: "[1/2] RUN a", kind: "exec" });
  });

  test('sends what is settled without "ignore cache", and all else of the metadata', () => {
    const graph = decodeDefinition(definitionOf(entries));
    const b = [...graph.vertices.values()].at(-1);
    if (b === undefined) throw new Error("runs were put in");
    const edge = { vertex: b.digest, output: 0 };
    const sub = pb.Definition.decode(encodeSubDefinition(graph, edge, (digest) => digest === b.digest));
    const metadata = pb.OpMetadata.decode(sub.metadata?.[b.digest] ?? new Uint8Array());
    expect(metadata).toMatchObject({ ignoreCache: false, caps: { "exec.meta.base": true } });
  });

  test("is the same for each edge of a walk as for that edge alone", () => {
    const copied: Entry[] = [
      image,
      { op: run([root], ["first"]), inputs: [[0]] },
      context,
      { op: run([root], ["other stage"]), inputs: [[0]] },
      { op: run([root, { dest: "/s", input: 1 }], ["second"]), inputs: [[1], [2]] },
      { op: run([root, { dest: "/s", input: 1 }], ["third"]), inputs: [[4], [0]] },
      { op: run([root, { dest: "/s", input: 1 }], ["fourth"]), inputs: [[5], [3]] },
    ];
    const encoded = definitionOf(copied);
    const walked = decodeDefinition(encoded);
    for (const { digest } of walked.vertices.values()) {
      const edge = { vertex: digest, output: 0 };
      const alone = decodeDefinition(encoded);
      expect(closure(walked, edge)).toEqual(closure(alone, edge));
      expect(encodeSubDefinition(walked, edge)).toEqual(encodeSubDefinition(alone, edge));
    }
  });

  test("announces ops under one of no kind, which is the result", () => {
    const graph = decodeDefinition(definitionOf(entries));
    const [from, , a, , b] = [...graph.vertices.values()];
    if (from === undefined || a === undefined || b === undefined) throw new Error("two runs were put in");
    const edges = [
      { vertex: a.digest, output: 0 },
      { vertex: b.digest, output: 1 },
    ];
    const { definition, digest } = encodeAnnouncement(graph, edges, () => false);
    const again = decodeDefinition(pb.Definition.decode(pb.Definition.encode(definition).finish()));
    expect(again.result).toEqual({ vertex: digest, output: 0 });
    expect(again.vertices.get(digest)).toMatchObject({ kind: "unknown", inputs: edges });
    expect([...again.vertices.keys()]).toEqual([from.digest, a.digest, b.digest, digest]);
    expect(again.vertices.get(b.digest)?.ignoreCache).toBe(true);
    expect(encodeAnnouncement(graph, [], () => false).definition.def?.[0]?.length).toBeGreaterThan(0);
  });

  test("keeps fields that we do not know", () => {
    const known = pb.Op.encode(image.op).finish();
    const withMore = Buffer.concat([known, Buffer.of(0x9a, 0x06, 0x01, 0x07)]);
    const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(withMore) }] }).finish();
    const graph = decodeDefinition({ def: [withMore, terminal] });
    const sub = pb.Definition.decode(encodeSubDefinition(graph, { vertex: digestOfOp(withMore), output: 0 }));
    expect(sub.def?.[0]).toEqual(withMore);
  });

  test("refuses an ssh mount without options, at which BuildKit would crash", () => {
    const graph = decodeDefinition(
      definitionOf([image, { op: run([root, { dest: "/s", mountType: pb.MountType.SSH }]), inputs: [[0]] }]),
    );
    const edge = graph.result;
    if (edge === undefined) throw new Error("the definition has a result");
    expect(() => encodeSubDefinition(graph, edge)).toThrowError(
      expect.objectContaining({ code: "bad-request" }),
    );
  });
});
