/** Programs of definitions recorded from real daemons; the Dockerfiles lie in test/fixtures/builds. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { pb } from "#proto";
import { buildProgram } from "../../../src/graph/build-program.ts";
import type { Program } from "../../../src/graph/program.ts";
import { decodeDefinition } from "../../../src/protocol/llb.ts";

const directory = new URL("../../fixtures/definitions/", import.meta.url);
const names = readdirSync(directory).filter((name) => name.endsWith(".pb"));

function programOf(name: string): Program {
  const bytes = readFileSync(new URL(name, directory));
  return buildProgram(decodeDefinition(pb.Definition.decode(bytes)), "Dockerfile");
}

/** E.g. "left 9-10 RUN (base)": stage, lines, keyword, needed stages. */
function outline(name: string): readonly string[] {
  return programOf(name).steps.map(({ stage, start, end, instruction, needs }) => {
    const lines = start === end ? `${start}` : `${start}-${end}`;
    return `${stage} ${lines} ${instruction}${needs.length === 0 ? "" : ` (${needs.join(", ")})`}`;
  });
}

/** E.g. "left 14 RUN, also 6 (trigger), 17": every place of each step. */
function places(name: string): readonly string[] {
  const lines = ({ start, end }: { readonly start: number; readonly end: number }): string =>
    start === end ? `${start}` : `${start}-${end}`;
  return programOf(name).steps.map((step) => {
    const also = step.alsoAt.map((place) => `${lines(place)}${place.kind === "trigger" ? " (trigger)" : ""}`);
    return `${step.stage} ${lines(step)} ${step.instruction}${also.length === 0 ? "" : `, also ${also.join(", ")}`}`;
  });
}

describe("programs of recorded definitions", () => {
  it.each(names)("%s: each located vertex is in one step, helpers are in none", (name) => {
    const program = programOf(name);
    const located = [...program.graph.vertices.values()].filter(({ ranges }) => ranges.length > 0);
    const owned = program.steps.flatMap(({ vertices }) => vertices);
    expect([...owned].sort()).toEqual(located.map(({ digest }) => digest).sort());
    expect(program.stops[program.entry]?.step).toBe(0);
  });

  it("names the step of two stages' equal instructions by its first place (multi-stage)", () => {
    const expected = [
      "base 3 COPY",
      "base 4 RUN",
      "left 8 WORKDIR (base)",
      "left 9-10 RUN",
      "right 14 RUN",
      "stage-4 20 COPY (base, left)",
      "stage-4 21 COPY (right)",
      "stage-4 22 RUN",
    ];
    expect(outline("multi-stage.dockerd-28.5.pb")).toEqual(expected);
    expect(programOf("multi-stage.dockerd-28.5.pb").steps[2]?.alsoAt).toEqual([
      { kind: "twin", start: 13, end: 13 },
    ]);
    // BuildKit 0.8 tells one of the places only; the text has the other.
    expect(outline("multi-stage.dockerd-20.10.pb")).toEqual(expected);
    expect(programOf("multi-stage.dockerd-28.5.pb").stages[3]).toMatchObject({ name: "unused", steps: [] });
  });

  it("has triggers at each FROM that brings them, and at the ONBUILD they were written as (triggers)", () => {
    expect(places("triggers.dockerd-28.5.pb")).toEqual([
      "parent 5 FROM, also 23",
      "left 14 RUN, also 6 (trigger), 17, 20",
      "left 14 COPY, also 8 (trigger), 17, 20",
      "left 14 RUN, also 10-12 (trigger), 17, 20",
      "left 15 RUN, also 21",
      "right 18 RUN",
      "stage-5 24 COPY",
      "stage-5 25 COPY",
      "stage-5 26 COPY",
    ]);
  });

  it.each(["triggers", "multi-stage", "from-image", "run-mounts"])(
    "%s: BuildKit 0.8 locates triggers in line 1 and each vertex once; the text tells the other places",
    (build) => {
      expect(places(`${build}.dockerd-20.10.pb`)).toEqual(places(`${build}.dockerd-28.5.pb`));
      const needs = (engine: string): unknown =>
        programOf(`${build}.${engine}.pb`).steps.map((step) => step.needs);
      expect(needs("dockerd-20.10")).toEqual(needs("dockerd-28.5"));
    },
  );

  it("has images as steps at their FROM (from-image)", () => {
    expect(outline("from-image.dockerd-28.5.pb")).toEqual([
      "one 2 FROM",
      "one 3 RUN",
      "stage-1 7 RUN",
      "stage-1 8 COPY",
    ]);
  });

  it("covers every line of a heredoc (heredoc)", () => {
    expect(outline("heredoc.dockerd-28.5.pb")).toEqual([
      "stage-0 2 COPY",
      "stage-0 3 RUN",
      "stage-0 4-7 RUN",
      "stage-0 8-12 COPY",
      "stage-0 13 RUN",
    ]);
  });

  it("needs the stages that mounts come from (run-mounts)", () => {
    const expected = [
      "tools 2 COPY",
      "tools 3 RUN",
      "data 6 RUN (tools)",
      "stage-2 9 RUN (tools)",
      "stage-2 10 RUN",
      "stage-2 11 RUN",
      "stage-2 12 RUN (data)",
      "stage-2 13 RUN",
      "stage-2 15 RUN",
    ];
    expect(outline("run-mounts.dockerd-28.5.pb")).toEqual(expected);
    expect(outline("run-mounts.dockerd-20.10.pb")).toEqual(expected);
  });
});
