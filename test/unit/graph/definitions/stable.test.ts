import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../../../../src/base/limits.ts";
import { diffLines } from "../../../../src/base/line-diff.ts";
import { rebound, withBreakpoint } from "../../../../src/debugger/breakpoints/breakpoints.ts";
import { buildProgram } from "../../../../src/graph/build-program.ts";
import { type Graph, lineOf } from "../../../../src/graph/graph.ts";
import type { Program } from "../../../../src/graph/program.ts";
import { stepsByLine } from "../../../../src/graph/source-map.ts";
import { decodeDefinition } from "../../../../src/protocol/llb.ts";
import { LlbWriter, type Ref } from "../../../support/llb-writer.ts";
import { failureOf } from "../../../support/thrown.ts";

function program(graph: Graph): Program {
  return buildProgram(graph, "build.llb");
}

/** Two ways to a merge; `changed` is the command of one step in the middle, `more` a step that is new. */
function bakery({ changed = "knead", more = false, version = "1.36" } = {}): Graph {
  const llb = new LlbWriter();
  const image = llb.image(`docker.io/library/busybox:${version}`);
  const flour = llb.exec("mill", { on: image, name: "mill the flour" });
  const dough = llb.exec(changed, { on: flour });
  const extra = more ? llb.exec("salt", { on: dough }) : dough;
  const bread = llb.exec("bake", { on: extra, name: "bake" });
  const prices = llb.exec("count", { on: image, name: "write prices" });
  return llb.graph(llb.merge([bread, prices], { name: "shop" }));
}

function changedLines(before: Graph, after: Graph): readonly string[] {
  const [old = [], now = []] = [before, after].map((graph) => program(graph).text.split("\n"));
  const compared = diffLines(old, now);
  let next = compared.next();
  while (next.done !== true) next = compared.next();
  return (next.value ?? []).flatMap((run) => {
    if (run.kind === "same") return [];
    const [sign, lines, from] = run.kind === "removed" ? ["-", old, run.before] : ["+", now, run.after];
    return lines.slice(from, from + run.count).map((line) => `${sign} ${line}`);
  });
}

describe("a listing", () => {
  it("is the same for the same definition, in whatever order it has its vertices", () => {
    const graph = bakery();
    const [first, ...rest] = [...graph.vertices];
    const [second, third] = rest;
    if (first === undefined || second === undefined || third === undefined)
      throw new Error("too few vertices");
    // The prices, which need the image alone, come before the flour.
    const prices = rest.find(([, { name }]) => name === "write prices");
    if (prices === undefined) throw new Error("no prices");
    const others = rest.filter((each) => each !== prices);
    const moved = { ...graph, vertices: new Map([first, prices, ...others]) };
    expect([...moved.vertices.keys()]).not.toEqual([...graph.vertices.keys()]);
    expect(program(moved).text).toBe(program(graph).text);
    expect(program(bakery()).text).toBe(program(graph).text);
  });

  it("changes in the lines alone that a change is about", () => {
    expect(changedLines(bakery(), bakery({ changed: "fold" }))).toEqual([
      "- exec knead",
      "+ exec fold",
      "-   run       /bin/sh -c knead",
      "+   run       /bin/sh -c fold",
      "-   on        knead",
      "+   on        fold",
    ]);
    expect(changedLines(bakery(), bakery({ more: true }))).toEqual([
      "- exec bake",
      "+ exec salt",
      "+   run       /bin/sh -c salt",
      "+ exec bake",
      "+   on        salt",
    ]);
  });

  it("keeps breakpoints with what they are on, over another definition", () => {
    const before = program(bakery());
    const lineWith = (of: Program, text: string): number => of.text.split("\n").indexOf(text) + 1;
    const at = lineWith(before, "exec bake");
    const list = withBreakpoint([], { spec: { kind: "line", line: lineOf(at) } }, before);
    const stage = withBreakpoint(list, { spec: { kind: "stage-end", stage: "write-prices" } }, before);
    const after = program(bakery({ more: true, version: "1.37" }));
    const now = rebound(stage, after, undefined);
    const line = lineWith(after, "exec bake");
    expect(line).not.toBe(at);
    expect(now[0]).toMatchObject({ spec: { line }, anchor: "exec bake", bound: { kind: "verified", line } });
    expect(now[1]?.bound.kind).toBe("verified");
    // The same for one that an earlier run has left behind.
    const on = { text: "exec bake", ...list[0]?.place, stage: "mill-the-flour", ordinal: 2, offset: 0 };
    const remembered = withBreakpoint([], { spec: { kind: "line", line: lineOf(at) }, on }, after);
    expect(remembered[0]).toMatchObject({ spec: { line }, bound: { kind: "verified", line } });
  });

  it("leads every line of a block to its vertex, and a heading to the first below it", () => {
    const { text, steps, stops } = program(bakery());
    const lines = text.split("\n");
    const bake = steps.find((step) => step.text === "exec bake");
    expect(bake?.end).toBe((bake?.start ?? 0) + 2);
    const inside = withBreakpoint(
      [],
      { spec: { kind: "line", line: lineOf((bake?.start ?? 0) + 1) } },
      program(bakery()),
    );
    expect(inside[0]?.bound).toMatchObject({ kind: "verified", line: bake?.start });
    const heading = lineOf(lines.indexOf("# Stage shop") + 1);
    const above = withBreakpoint([], { spec: { kind: "line", line: heading } }, program(bakery()));
    expect(above[0]?.bound).toMatchObject({ kind: "moved", line: heading + 1 });
    expect(stops.filter(({ kind }) => kind === "end").map((stop) => stop.stage)).toEqual([
      "sources",
      "mill-the-flour",
      "write-prices",
      "shop",
    ]);
  });
});

/** Of each vertex its kind and which of those above it are its inputs. */
const DAG = fc.array(
  fc.record({
    kind: fc.constantFrom("exec", "file", "merge", "diff", "unknown", "source", "internal"),
    inputs: fc.array(fc.nat(50), { maxLength: 3 }),
    name: fc.option(fc.string({ maxLength: 12, unit: "grapheme" }), { nil: undefined }),
  }),
  { minLength: 1, maxLength: 40 },
);

function randomGraph(vertices: typeof DAG extends fc.Arbitrary<infer T> ? T : never): Graph {
  const llb = new LlbWriter();
  const refs: Ref[] = [];
  vertices.forEach(({ kind, inputs, name }, index) => {
    const named = name === undefined ? {} : { name };
    const own =
      refs.length === 0
        ? []
        : inputs.map((input) => refs[input % refs.length] ?? refs[0]).flatMap((ref) => ref ?? []);
    const [first] = own;
    if (kind === "source" || first === undefined) refs.push(llb.image(`image-${index}`, named));
    else if (kind === "internal")
      refs.push(llb.file([{ mkdir: { path: `/${index}` } }], own, { name: "[internal] x" }));
    else if (kind === "merge") refs.push(llb.merge(own, named));
    else if (kind === "diff") refs.push(llb.diff(own[1], first, named));
    else if (kind === "unknown") refs.push(llb.unknown(40 + index, own, named));
    else if (kind === "file") refs.push(llb.file([{ mkdir: { path: `/${index}` } }], own, named));
    else
      refs.push(
        llb.exec(`run ${index}`, {
          on: first,
          ...named,
          mounts: own.slice(1).map((from, nth) => ({ from, dest: `/m${nth}` })),
        }),
      );
  });
  const last = refs.at(-1);
  if (last === undefined) throw new Error("no vertices");
  return llb.graph(last);
}

describe("any definition", () => {
  it("has every vertex that is not internal in one step, behind all that it needs, on lines of its own", () => {
    fc.assert(
      fc.property(DAG, (vertices) => {
        const graph = randomGraph(vertices);
        const made = program(graph);
        expect(program(randomGraph(vertices)).text).toBe(made.text);
        const stepped = made.steps.map(({ vertex }) => vertex);
        const wanted = [...graph.vertices.values()].filter(({ name }) => !name.startsWith("[internal]"));
        expect([...stepped].sort()).toEqual(wanted.map(({ digest }) => digest).sort());
        const seen = new Set<string>();
        for (const { vertex } of made.steps) {
          for (const input of graph.vertices.get(vertex)?.inputs ?? []) {
            if (stepped.includes(input.vertex)) expect(seen.has(input.vertex)).toBe(true);
          }
          seen.add(vertex);
        }
        for (const steps of stepsByLine(made).values()) expect(steps).toHaveLength(1);
        // Stages stand one behind the other, and so do their steps.
        const stages = made.steps
          .map(({ stage }) => stage)
          .filter((stage, index, all) => stage !== all[index - 1]);
        expect(stages).toEqual(made.stages.map(({ name }) => name));
        expect(new Set(made.stages.map(({ name }) => name)).size).toBe(made.stages.length);
        for (const { name } of made.stages) expect(name).toMatch(/^[^\s:/]+$/);
        expect(made.text.split("\n").length).toBeGreaterThanOrEqual(made.steps.at(-1)?.end ?? 0);
      }),
      { numRuns: 60 },
    );
  });

  it("takes about ten times as long to list where it is ten times as large, and is refused where it is too large", () => {
    const costOf = (count: number): number => {
      const llb = new LlbWriter();
      let last = llb.image("busybox");
      for (let index = 1; index < count - 1; index++) last = llb.exec(`step ${index}`, { on: last });
      const graph = llb.graph(last);
      // Processor time: other work on the machine does not count.
      const before = process.cpuUsage();
      expect(program(graph).steps).toHaveLength(count - 1);
      return process.cpuUsage(before).user;
    };
    costOf(limits.vertices / 10);
    // What looks at all others for each one takes a hundred times as long.
    expect(costOf(limits.vertices) / costOf(limits.vertices / 10)).toBeLessThan(40);
    const huge = { def: Array.from({ length: 100_000 }, () => new Uint8Array()), metadata: {}, Source: null };
    expect(failureOf(() => decodeDefinition(huge)).message).toContain(
      `a definition of 100000 operations; the limit is ${limits.vertices}`,
    );
  });
});
