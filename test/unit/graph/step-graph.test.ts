import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pb } from "#proto";
import { buildProgram } from "../../../src/graph/build-program.ts";
import { feedWords, stepGraph, unneededStages } from "../../../src/graph/step-graph.ts";
import { decodeDefinition } from "../../../src/protocol/llb.ts";
import { fxProgram, makeProgram, type VertexSpec } from "../../support/graphs.ts";

test("what is built on a stage is one level deeper, what takes files out of it as deep, and both name what feeds them", () => {
  const { nodes } = stepGraph(fxProgram());
  expect(nodes.map(({ depth, feeds }) => [depth, feedWords(feeds)])).toEqual([
    [0, "context ."],
    [0, ""],
    [1, "base"],
    [1, ""],
    [1, "base"],
    [1, "lib, app"],
    [1, ""],
    [1, "context ."],
  ]);
});

test("inputs lead to what a step is built on, consumers to what is built on it", () => {
  const { nodes } = stepGraph(fxProgram());
  // "COPY --from=lib": its own stage first.
  expect(nodes[5]?.inputs).toEqual([4, 3]);
  expect(nodes[1]?.consumers).toEqual([2, 4]);
  expect(nodes[3]?.consumers).toEqual([5]);
  expect([nodes[0]?.inputs, nodes[7]?.consumers]).toEqual([[], []]);
});

test.each(["28.5", "20.10"])("mounts are named as the file names them, on dockerd %s", (version) => {
  const path = new URL(`../../fixtures/definitions/run-mounts.dockerd-${version}.pb`, import.meta.url);
  const program = buildProgram(decodeDefinition(pb.Definition.decode(readFileSync(path))), "Dockerfile");
  const { nodes } = stepGraph(program);
  const fed = nodes.flatMap(({ step, feeds }) => {
    const flag = step.text.match(/--mount=type=(\S+)/)?.[1];
    return flag === undefined ? [] : [[flag, feedWords(feeds)]];
  });
  expect(fed).toEqual([
    ["secret,id=token", expect.stringContaining("secret token")],
    ["ssh", "ssh default"],
    ["cache,target=/var/cache,id=shared,sharing=locked,uid=1000", "cache /var/cache"],
    ["bind,from=data,source=/data,target=/mnt", expect.stringMatching(/^data, /)],
    ["bind,target=/src,rw", expect.stringMatching(/context \., tmpfs \/tmp$/)],
  ]);
});

test("a stage that only names another is needed with it, any other without steps is not", () => {
  const text = "FROM scratch AS a\nCOPY x /\nFROM a AS other\nFROM a AS alias\nFROM alias\nENV A=1\n";
  const program = makeProgram(text, [{ id: "x", kind: "file", at: [2] }]);
  expect([...unneededStages(program, undefined)]).toEqual(["other"]);
  expect([...unneededStages(program, "a")]).toEqual(["other", "alias", "stage-3"]);
});

test("a stage that thousands of steps share is looked at once for each of them", () => {
  const lines = ["FROM scratch AS base", "RUN 0", "FROM base"];
  const specs: VertexSpec[] = [{ id: "0", at: [2] }];
  for (let index = 1; index < 5000; index += 1) {
    specs.push({ id: `${index}`, on: `${index - 1}`, uses: ["0"], at: [index + 3] });
    lines.push(`RUN ${index}`);
  }
  const { nodes } = stepGraph(makeProgram(`${lines.join("\n")}\n`, specs));
  expect(nodes.at(-1)).toMatchObject({ depth: 1, inputs: [4998, 0] });
  expect(nodes[0]?.consumers).toHaveLength(4999);
});
