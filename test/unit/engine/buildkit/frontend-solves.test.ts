import { expect, test } from "vitest";
import { FrontendSolves } from "../../../../src/engine/buildkit/frontend-solves.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import { digestOf, fxProgram } from "../../../support/graphs.ts";

const began = (id: string, name: string): Progress => ({
  kind: "vertex",
  vertex: digestOf(id),
  name,
  startedMs: 1,
  completedMs: undefined,
  cached: false,
  error: "",
});

test("what a frontend had run is named, but not what every frontend does, nor what is stepped later", () => {
  const solves = new FrontendSolves();
  const graph = fxProgram().graph;
  const [step] = graph.vertices.values();
  if (step === undefined) throw new Error("no vertex");
  solves.add(began("a", "[internal] load build definition from Dockerfile"));
  solves.add(began("b", "resolve image config for docker-image://docker.io/docker/dockerfile:1"));
  solves.add(began("c", "[auth] library/busybox:pull token for registry-1.docker.io"));
  solves.add(began("d", "docker-image://docker.io/docker/dockerfile:1"));
  solves.add({ ...began("e", "FROM"), vertex: step.digest } as Progress);
  for (const name of ["p1", "p2", "p3", "p4", "p5"]) solves.add(began(name, name));
  expect(solves.told([{ platform: undefined, graph }])).toEqual([
    expect.stringMatching(/had this run before it answered: p1, p2, p3, and 2 more\. /),
  ]);
});

test("nothing is said where nothing was run, and what comes later is the build's", () => {
  const solves = new FrontendSolves();
  const threads = [{ platform: undefined, graph: fxProgram().graph }] as const;
  expect(solves.told(threads)).toEqual([]);
  solves.add(began("late", "late"));
  expect(solves.told(threads)).toEqual([]);
});
