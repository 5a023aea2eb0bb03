import { describe, expect, it } from "vitest";
import { buildProgram } from "../../../../src/graph/build-program.ts";
import { cutsOf } from "../../../../src/graph/cuts.ts";
import { readInstructions } from "../../../../src/graph/dockerfile-text.ts";
import type { Graph } from "../../../../src/graph/graph.ts";
import { isDockerfile } from "../../../../src/graph/language.ts";
import type { Program } from "../../../../src/graph/program.ts";
import { LlbWriter } from "../../../support/llb-writer.ts";

/** "build 12 exec make": stage, line and title of each step. */
function places({ steps }: Program): readonly string[] {
  return steps.map(({ stage, start, text }) => `${stage} ${start} ${text}`);
}

function shown(graph: Graph, filename: string, text: string): Program {
  return buildProgram({ ...graph, shown: { filename, text } }, filename);
}

const PLAN = `{
  "steps": [
    {
      "name": "packages",
      "inputs": [{ "image": "busybox:1.36" }],
      "commands": [{ "path": "/bin", "customName": "install tools" }, { "cmd": "tool --version" }]
    },
    {
      "name": "build",
      "inputs": [{ "step": "packages" }, { "local": true, "include": ["package.json"] }],
      "commands": [
        { "cmd": "make \\"all\\"" },
        { "cmd": "tool --version" }
      ]
    }
  ],
  "deploy": {
    "inputs": [{ "step": "packages" }, { "step": "build", "include": ["/app"] }]
  }
}
`;

/** As such plans are compiled: merges and copies of their own between the commands. */
function planned(): Graph {
  const llb = new LlbWriter();
  const image = llb.image("docker.io/library/busybox:1.36");
  const context = llb.source("local://context", {}, { name: "loading ." });
  const tools = llb.exec("get tools", { on: image, name: "install tools" });
  const checked = llb.exec("tool --version", { on: tools });
  const copied = llb.file(
    [{ input: -1, secondaryInput: 0, copy: { src: "/package.json", dest: "/app/package.json" } }],
    [context],
    { name: "copy package.json" },
  );
  const merged = llb.merge([checked, copied], { name: "[railpack] merge $packages, $build" });
  const made = llb.exec('make "all"', { on: merged });
  const again = llb.exec("tool --version", { on: made });
  const app = llb.file([{ input: -1, secondaryInput: 0, copy: { src: "/app", dest: "/app" } }], [again], {
    name: "copy /app",
  });
  const cleaned = llb.exec("rm -rf /tmp", {
    on: llb.merge([checked, app], { name: "[railpack] merge all" }),
  });
  return llb.graph(cleaned);
}

describe("a plan that is shown for a definition", () => {
  it("has the vertices in the lines that have their names, commands and images, in the order of the steps", () => {
    const program = shown(planned(), "plan.json", PLAN);
    expect(places(program)).toEqual([
      "sources 9 local loading .",
      "packages 5 image busybox:1.36",
      "packages 6 exec install tools",
      "packages 6 exec tool --version",
      "build 10 copy package.json",
      "build-2 9 [railpack] merge $packages, $build",
      'build-2 12 exec make "all"',
      "build-2 13 exec tool --version (2)",
      "deploy 18 copy /app",
      "merge-all 24 [railpack] merge all",
      "merge-all 27 exec rm -rf /tmp",
    ]);
    expect(program.form).toBe("text");
    expect(program.text.slice(0, PLAN.length - 1)).toBe(PLAN.slice(0, -1));
    expect(program.text.slice(PLAN.length)).toBe(`
# Not in plan.json:
# Stage merge-all
[railpack] merge all
  layer     tool --version
  layer     copy /app
exec rm -rf /tmp
  on        [railpack] merge all
  run       /bin/sh -c 'rm -rf /tmp'`);
  });

  it("keeps its text as it is where every vertex has a line, and is read by lines when it is no JSON", () => {
    const llb = new LlbWriter();
    const run = llb.exec("make all", { on: llb.image("busybox"), name: "make it" });
    const text = "\ufeffname: thing\r\nbase: busybox\r\nsteps:\r\n- name: 'first'\r\n  cmd: make all\r\n";
    const program = shown(llb.graph(run), "plan.yml", text);
    expect(places(program)).toEqual(["first 2 image busybox", "first 5 exec make it"]);
    expect(program.text).toBe(text);
    const broken = shown(llb.graph(run), "plan.json", '{ "cmd": "make all",\n  busybox\n');
    expect(places(broken)[1]).toMatch(/ [12] exec make it$/);
  });

  it("is a listing behind the text where nothing fits", () => {
    const llb = new LlbWriter();
    const program = shown(llb.graph(llb.exec("x", { name: "y" })), "notes.txt", "nothing\n");
    expect(program.text).toBe(
      "nothing\n\n# Not in notes.txt:\n# Stage y\nexec y\n  on        scratch\n  run       /bin/sh -c x",
    );
  });
});

const YAML = `FROM: nothing
steps:
  - command: go build
  - command: |
      go vet
      go test
`;

describe("a text with a source map that is no Dockerfile", () => {
  it.each(["YAML", "yaml", ""])(
    "has steps where the definition says, and no instructions of its own (%j)",
    (language) => {
      const llb = new LlbWriter();
      const image = llb.image("golang", { at: [1] });
      const built = llb.exec("go build", { on: image, at: [3] });
      const tested = llb.exec("go vet\ngo test", { on: built, at: [4, 5, 6] });
      const graph = llb.graph(llb.exec("strip", { on: tested }), {
        filename: "spec.yml",
        text: YAML,
        language,
      });
      const program = buildProgram(graph, "spec.yml");
      expect(program.steps.map(({ start, end, instruction }) => `${start}-${end} ${instruction}`)).toEqual([
        "1-1 IMAGE",
        "3-3 EXEC",
        "4-6 EXEC",
        "10-12 EXEC",
      ]);
      expect(program.instructions.map(({ start }) => Number(start))).toEqual([1, 3, 4, 10]);
      expect(program.filename).toBe("spec.yml");
      expect(program.form).toBe("text");
      expect(cutsOf(program).size).toBe(0);
    },
  );

  it("is known by its language, else by how it begins", () => {
    expect(
      ["FROM a", "# c\n\narg X=1", "", "RUN x", "FORM x: y", "COPY <<a b\n{"].map((text) =>
        isDockerfile(text),
      ),
    ).toEqual([true, true, true, true, true, true]);
    const others = [
      '{"a":1}',
      "# c\n[tool]",
      "---\na: 1",
      "- a",
      "from: x",
      "a = 1",
      '"from": x',
      "name:\n  x",
    ];
    expect(others.filter((text) => isDockerfile(text))).toEqual([]);
    expect(isDockerfile("a: 1", "Dockerfile")).toBe(true);
    expect(isDockerfile("FROM a", "JSON")).toBe(false);
    expect(readInstructions("steps:\n- RUN x\nFROM y\n")).toEqual([]);
  });
});
