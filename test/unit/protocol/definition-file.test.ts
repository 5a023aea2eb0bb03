/** Definitions of files: what is taken, and that whatever else is in a file is refused with its place. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { pb } from "#proto";
import { compilePlan } from "../../../demo/plan/compile.ts";
import { BktuiError } from "../../../src/base/errors.ts";
import { limits } from "../../../src/base/limits.ts";
import { parseDefinitionFile } from "../../../src/protocol/definition-file.ts";
import { decodeDefinition, digestOfOp } from "../../../src/protocol/llb.ts";
import { numbersFrom } from "../../support/seeded-numbers.ts";

const plan = readFileSync(new URL("../../../demo/plan/plan.json", import.meta.url), "utf8");
const compiled = compilePlan(plan, { architecture: "amd64" });
const bytes = compiled.definition;
const whole = pb.Definition.decode(bytes);
const read = (content: Uint8Array | string) =>
  parseDefinitionFile(typeof content === "string" ? Buffer.from(content) : content, "x.llb");
const source = pb.Op.encode({ source: { identifier: "docker-image://a" } }).finish();
const onto = (digest: string, index = 0) => ({ inputs: [{ digest, index }] });
const marshalled = (...ops: readonly (Uint8Array | pb.Op.$Properties)[]): Uint8Array =>
  pb.Definition.encode({
    def: ops.map((op) => (op instanceof Uint8Array ? op : pb.Op.encode(op).finish())),
  }).finish();

test("a marshalled definition is read as it is, in whatever order its operations stand", () => {
  const { definition, imageConfig, notes } = read(bytes);
  expect(definition.def).toEqual(whole.def);
  expect([imageConfig, notes]).toEqual([undefined, []]);
  const [last, ...others] = [...(whole.def ?? [])].reverse();
  const turned = pb.Definition.encode({ ...plainOf(whole), def: [...others, last ?? source] }).finish();
  expect(decodeDefinition(read(turned).definition).vertices.size).toBe(others.length);
});

test("JSON with it, also behind a syntax line, gives the image's configuration too", () => {
  const json = JSON.stringify({ ...compiled, definition: Buffer.from(bytes).toString("base64") });
  for (const text of [json, `#syntax=example/llb\n# a comment\n${json}`, `\ufeff\n${json}`]) {
    expect(read(text)).toMatchObject({ imageConfig: compiled.imageConfig });
    expect(read(text).definition.def).toEqual(whole.def);
  }
});

describe("what is none is refused with its place", () => {
  const tar = Buffer.concat([Buffer.alloc(257, 0x61), Buffer.from("ustar\0")]);
  const digest = digestOfOp(source);
  const missing = `sha256:${"0".repeat(64)}`;
  const input = (index: number) => ({ input: index, dest: "/", output: 0 });
  const meta = { args: ["x"] };
  const broken = Buffer.from(bytes);
  broken.fill(0xff, 4, 12);
  test.each<[string, Uint8Array | string, RegExp]>([
    ["nothing", "", /^x\.llb is empty/],
    [
      "one cut off",
      bytes.subarray(0, bytes.length - 7),
      /cut off: the field at byte \d+ has \d+ bytes, \d+ are left/,
    ],
    ["gzip", gzipSync(bytes), /compressed with gzip/],
    ["a tar", tar, /it is a tar/],
    ["a Dockerfile", "# x\nFROM busybox\nRUN x\n", /looks like a Dockerfile/],
    ["text", "hello\nworld\n", /byte \d+; it is text/],
    ["other JSON", '{"steps": []}', /is JSON without "definition"/],
    ["no JSON", '{"definition": "Cg==",\n', /line 2/],
    ["no base64", '{"definition": "a*"}', /no base64 at character 2/],
    ["padding in its middle", '{"definition": "Cg=aaa"}', /no base64 at character 3/],
    [
      "much of another character",
      `{"definition": "${"A".repeat(8_000_000)}!"}`,
      /no base64 at character 8000001/,
    ],
    ["comments alone", "# x\n".repeat(1_000_000), /it is text/],
    ["a list of configurations", '{"definition": "Cg==", "imageConfig": []}', /"imageConfig" is no object/],
    ["an operation that is none", broken, /operation 1 of x\.llb, at byte 0: it cannot be read/],
    ["no result", marshalled(source), /operation 1 .* kind source, and the last one only names the result/],
    [
      "a result that is not there",
      marshalled(source, onto(missing)),
      /names the result: sha256:0+ is missing/,
    ],
    [
      "an input that is not there",
      marshalled({ ...onto(missing), exec: { meta, mounts: [input(0)] } }, source, onto(digest)),
      /operation 1 of x\.llb, at byte 0: its input sha256:0+ is missing/,
    ],
    ["no digest", marshalled(source, onto("x")), /its input 0 is "x", no digest/],
    ["a negative output", marshalled(source, onto(digest, -1)), /its input 0 is output -1/],
    [
      "a mount of no input",
      marshalled(source, { ...onto(digest), exec: { meta, mounts: [input(-2)] } }, onto(digest)),
      /operation 2 .* its mount at "\/" is number -2, and there are 1/,
    ],
    [
      "an action of no input",
      marshalled(source, { ...onto(digest), file: { actions: [{ input: 7 }] } }, onto(digest)),
      /the input of its action 0 is number 7, and there are 1/,
    ],
    [
      "a merge of nothing",
      marshalled(source, { ...onto(digest), merge: {} }, onto(digest)),
      /it merges nothing/,
    ],
    [
      "a difference of nothing",
      marshalled(source, { diff: { lower: { input: -1 }, upper: { input: -1 } } }, onto(digest)),
      /compares nothing with nothing/,
    ],
    [
      "half a difference",
      marshalled(source, { ...onto(digest), diff: { lower: {} } }, onto(digest)),
      /not name both/,
    ],
    [
      "a command that is none",
      marshalled(source, { ...onto(digest), exec: {} }, onto(digest)),
      /and has none/,
    ],
    [
      "an ssh mount without options",
      marshalled(
        source,
        { ...onto(digest), exec: { meta, mounts: [input(0), { input: -1, dest: "/s", mountType: 2 }] } },
        onto(digest),
      ),
      /ssh mount at "\/s" has no ssh options/,
    ],
    [
      "too many operations",
      marshalled(...Array.from({ length: limits.vertices + 2 }, () => source)),
      /has 20002 operations; bktui steps through 20000 at most/,
    ],
  ])("S51 · %s", (_, content, message) => {
    expect(() => read(content)).toThrow(message);
    expect(() => read(content)).toThrow(BktuiError);
  });
});

test("metadata and places of no operation stop nothing, and are told", () => {
  const stranger = `sha256:${"1".repeat(64)}`;
  const odd = {
    ...plainOf(whole),
    metadata: { ...whole.metadata, [stranger]: new Uint8Array() },
    Source: {
      infos: [],
      locations: { [stranger]: {}, [digestOfOp(source)]: { locations: [{ sourceIndex: 9 }] } },
    },
  };
  expect(read(pb.Definition.encode(odd).finish()).notes).toEqual([
    expect.stringMatching(/1 of \d+ entries of metadata are of no operation, e\.g\. sha256:1+$/),
    expect.stringMatching(/2 of 2 places of its source map lead nowhere/),
  ]);
});

test("an operation may have very many inputs", () => {
  const others = Array.from({ length: 130_000 }, () => ({ digest: digestOfOp(source), index: 0 }));
  const wide = pb.Op.encode({ inputs: others, merge: { inputs: [{ input: 0 }] } }).finish();
  const { definition } = read(marshalled(wide, source, onto(digestOfOp(wide))));
  expect(definition.def?.map(({ length }) => length)).toEqual([
    source.length,
    wide.length,
    expect.any(Number),
  ]);
});

test("an operation that nobody knows is taken", () => {
  const unknown = Uint8Array.of(0x9a, 0x06, 0x01, 0x41);
  const graph = decodeDefinition(read(marshalled(unknown, onto(digestOfOp(unknown)))).definition);
  expect([...graph.vertices.values()].map(({ kind }) => kind)).toEqual(["unknown"]);
});

const SMALL = JSON.stringify({
  steps: [{ name: "a", inputs: [{ image: "b" }], commands: [{ cmd: "c", secrets: ["d"] }] }],
  deploy: { base: { step: "a" }, inputs: [{ local: "context", include: ["e"] }], start: "f" },
});

test("10,000 damaged definitions are read or refused, and what is read is a graph", () => {
  const next = numbersFrom(16);
  const small = compilePlan(SMALL).definition;
  const json = Buffer.from(JSON.stringify({ definition: Buffer.from(small).toString("base64") }));
  let refused = 0;
  for (let round = 0; round < 10_000; round++) {
    const damaged = damagedCopy(round % 4 === 0 ? json : small, next);
    try {
      decodeDefinition(read(damaged).definition);
    } catch (error) {
      if (!(error instanceof BktuiError) || error.code !== "bad-request") throw error;
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(5000);
});

/** A few bytes changed, cut, doubled or put in. */
function damagedCopy(from: Uint8Array, next: (below: number) => number): Uint8Array {
  let copy: Uint8Array = Buffer.from(from);
  for (let times = next(4); times >= 0; times--) {
    const at = next(copy.length + 1);
    const piece = copy.subarray(at, at + next(40));
    switch (next(4)) {
      case 0:
        copy = Buffer.concat([copy.subarray(0, at), Uint8Array.of(next(256)), copy.subarray(at + 1)]);
        break;
      case 1:
        copy = copy.subarray(0, at);
        break;
      case 2:
        copy = Buffer.concat([copy.subarray(0, at), piece, copy.subarray(at)]);
        break;
      default:
        copy = Buffer.concat([copy.subarray(0, at), copy.subarray(at + piece.length)]);
    }
  }
  return copy;
}

/** A decoded message has some of its fields on its prototype. */
function plainOf({ def, metadata, Source }: pb.Definition.$Shape): pb.Definition.$Properties {
  return { def: def ?? [], metadata: metadata ?? {}, Source: Source ?? null };
}
