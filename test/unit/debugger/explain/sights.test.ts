/** What is said of what was seen, and that looking comes to an end. */
import { describe, expect, test } from "vitest";
import type { Debugger } from "../../../../src/debugger/debugger.ts";
import { explain, sightQuestion } from "../../../../src/debugger/explain/explain.ts";
import { Explanations } from "../../../../src/debugger/explain/explanations.ts";
import type { Scene } from "../../../../src/debugger/explain/facts.ts";
import { lookAndExplain } from "../../../../src/debugger/explain/look-up.ts";
import { ProgressLog } from "../../../../src/debugger/progress/progress-log.ts";
import type { Answer, Question } from "../../../../src/debugger/questions/questions.ts";
import { placeKey, type Seen } from "../../../../src/debugger/questions/seen.ts";
import { buildProgram } from "../../../../src/graph/build-program.ts";
import type { ExecMeta, Mount, Vertex } from "../../../../src/graph/graph.ts";
import { DebugDriver, failureOf } from "../../../support/debug-driver.ts";
import { execMeta } from "../../../support/exec-meta.ts";
import { digestOf, makeGraph } from "../../../support/graphs.ts";

const ENGINE = { kind: "dockerd", version: "28.5.2", address: "unix:///e", origin: "test" } as const;

const MOUNT: Mount = {
  input: undefined,
  selector: "",
  dest: "/tmp",
  output: undefined,
  readonly: false,
  kind: "tmpfs",
  cache: undefined,
  secret: undefined,
  tmpfsSize: 0,
};

interface Run {
  readonly command: string;
  readonly mounts?: readonly Mount[];
  readonly meta?: Partial<ExecMeta>;
}

/** A step runs in line 3 and another one in line 4, which fails. */
function failedScene(first: Run, second: Run, { output, exitCode = 1 }: Output): Scene {
  const text = "FROM busybox\n\nRUN one\nRUN two\n";
  const graph = makeGraph(text, [
    { id: "image", kind: "source", at: [1], identifier: "docker-image://docker.io/library/busybox:latest" },
    { id: "one", on: "image", at: [3] },
    { id: "two", on: "one", at: [4] },
  ]);
  const runs = new Map([
    [digestOf("one"), first],
    [digestOf("two"), second],
  ]);
  const vertices = [...graph.vertices].map(([digest, vertex]): [typeof digest, Vertex] => {
    const run = runs.get(digest);
    if (run === undefined) return [digest, vertex];
    const meta = execMeta({ args: ["/bin/sh", "-c", run.command], ...run.meta });
    return [digest, { ...vertex, exec: { meta, mounts: run.mounts ?? [] } }];
  });
  const program = buildProgram({ ...graph, vertices: new Map(vertices) }, "Dockerfile");
  const progress = new ProgressLog();
  const data = new TextEncoder().encode(`${output}\n`);
  progress.apply({ kind: "log", vertex: digestOf("two"), stream: "stderr", atMs: 1, data });
  const { state } = DebugDriver.launched(program, { run: true }).failed(failureOf("two", { exitCode }), [
    "image",
    "one",
  ]);
  return { state, progress, engine: ENGINE, text, answer: undefined };
}

interface Output {
  readonly output: string;
  readonly exitCode?: number;
}

const HERE = { vertex: digestOf("two"), side: "failed" } as const;

/** @param entries of "/" downwards, as far as the path is there */
function seenOf(path: string, entries: readonly string[]): Seen {
  return {
    uid: 0,
    gid: 0,
    machine: "x86_64",
    mounts: [],
    memoryKills: undefined,
    countedSince: "start",
    boot: "",
    memoryLimit: undefined,
    machineMemory: undefined,
    isFull: false,
    paths: new Map([
      [
        path,
        {
          entries: entries.map((at) => ({
            path: at,
            kind: at === path ? "file" : "directory",
            mode: 0o755,
            uid: 0,
            gid: 0,
            may: "rwx",
          })),
          head: undefined,
          bytes: undefined,
          inodes: undefined,
        },
      ],
    ]),
  };
}

function whyOf(scene: Scene, seen?: Seen): readonly string[] {
  const sights = seen === undefined ? undefined : new Map([[placeKey(HERE), seen]]);
  return explain({ ...scene, sights })?.why ?? [];
}

describe("what would lie in a tmpfs of an earlier step", () => {
  const output = "cat: /tmp/nope.txt: No such file or directory";
  const scene = (command: string): Scene =>
    failedScene({ command, mounts: [MOUNT] }, { command: "cat /tmp/nope.txt" }, { output });
  const missing = seenOf("/tmp/nope.txt", ["/", "/tmp"]);
  const sentence =
    "/tmp/nope.txt would lie in the tmpfs mount at /tmp of line 3: what is written there is gone when that step ends.";

  test.each([
    ["curl -o /tmp/nope.txt x", [sentence]],
    ["cd /tmp && echo 1 >nope.txt", [sentence]],
    ["apt-get install -y curl", []],
    ["echo 1 > /tmp/nope.txt.old", []],
  ])("is said of what %j names", (command, why) => {
    expect(whyOf(scene(command), missing)).toEqual(why);
  });

  test("is not said where no program could look", () => {
    expect(whyOf(scene("echo > /tmp/nope.txt"), seenOf("/tmp/nope.txt", []))).toEqual([]);
  });
});

test("what an engine's own reason says stays beside a tmpfs", () => {
  const scene = failedScene(
    { command: "cp x /tmp/tool", mounts: [MOUNT] },
    { command: "/tmp/tool" },
    { output: "/bin/sh: /tmp/tool: not found", exitCode: 127 },
  );
  const explanation = explain({
    ...scene,
    answer: { kind: "file", start: "#!/bin/nothing" },
    sights: new Map([[placeKey(HERE), seenOf("/tmp/tool", ["/", "/tmp"])]]),
  });
  expect(explanation?.why).toHaveLength(2);
});

describe("a secret that was not given", () => {
  const dest = "/root/.npmrc";
  const secret = { id: "npmrc", uid: 0, gid: 0, mode: 0o400, optional: true };
  const mounts: readonly Mount[] = [{ ...MOUNT, kind: "secret", dest, secret }];
  const scene = failedScene(
    { command: "true" },
    { command: "npm ci", mounts },
    { output: `npm: cannot use ${dest}` },
  );
  const plain = `Secret "npmrc", which the step may use as ${dest}, was not given.`;

  test("is looked at when the output speaks of its place", () => {
    expect(sightQuestion(scene)).toEqual({ kind: "sight", place: HERE, paths: [dest] });
  });

  test("leaves nothing there only where nothing was seen there", () => {
    expect(whyOf(scene)).toEqual([plain]);
    expect(whyOf(scene, seenOf(dest, ["/", "/root", dest]))).toEqual([plain]);
    expect(whyOf(scene, seenOf(dest, ["/", "/root"]))).toEqual([
      `Secret "npmrc" was not given: without it there is no ${dest}.`,
    ]);
  });

  test.each([
    [["TOKEN=from-the-image"], 'Secret "t", which the step may use as $TOKEN, was not given.'],
    [["TOKENS=x"], 'Secret "t" was not given: without it there is no $TOKEN.'],
  ])("leaves a variable that ENV sets: %j", (env, sentence) => {
    const meta = { env, secretEnv: [{ id: "t", name: "TOKEN", optional: true }] };
    const named = failedScene(
      { command: "true" },
      { command: "deploy", meta },
      { output: "deploy: TOKEN is not accepted" },
    );
    expect(whyOf(named)).toEqual([sentence]);
  });
});

describe("an answer that has nothing of what was asked", () => {
  const scene = failedScene(
    { command: "true" },
    { command: "tar x" },
    { output: "tar: 'a\\tb': Permission denied" },
  );
  const asked: Question[] = [];
  const debug = {
    ...scene,
    lookUp: async (question: Question): Promise<Answer> => {
      asked.push(question);
      if (asked.length > 20) throw new Error("it is asked without end");
      return { kind: "sight", place: HERE, seen: seenOf("/a\tb", ["/"]) };
    },
    // As much of a debugger as both of them use.
  } as unknown as Debugger;

  test("is the last one for who waits for the whole", async () => {
    asked.length = 0;
    const { signal } = new AbortController();
    const explanation = await lookAndExplain(debug, undefined, { signal });
    expect(explanation?.headline).toBe("step 3/3 failed: exit code 1");
    expect(asked).toEqual([{ kind: "sight", place: HERE, paths: ["/a\\tb"] }]);
  });

  test("is the last one for the screen", async () => {
    asked.length = 0;
    let answered = (): void => {};
    using explanations = new Explanations(debug, () => answered());
    await new Promise<void>((resolve) => {
      answered = resolve;
      explanations.get([]);
    });
    expect(explanations.get([])?.headline).toBe("step 3/3 failed: exit code 1");
    expect(asked).toHaveLength(1);
  });
});

describe("a program without its library", () => {
  const GLIBC =
    "x: error while loading shared libraries: libfoo.so.1: cannot open shared object file: No such file or directory";

  test.each([
    ["glibc", GLIBC, "the library libfoo.so.1 is missing"],
    [
      "musl",
      "Error loading shared library libz.so.1: No such file or directory (needed by /usr/bin/x)",
      "the library libz.so.1 is missing",
    ],
    ["a shell after that", `${GLIBC}\n/bin/sh: gerp: not found`, '"gerp" not found in PATH'],
  ])("is what %s says", (_who, output, what) => {
    const scene = failedScene({ command: "true" }, { command: "x" }, { output, exitCode: 127 });
    expect(explain(scene)?.headline).toBe(`step 3/3 failed: exit code 127: ${what}`);
  });
});

describe("a shell that is missing", () => {
  const runtime = (name: string): string =>
    `runc run failed: unable to start container process: exec: "${name}": stat ${name}: no such file or directory`;

  test.each([
    ["/bin/sh: /bin/bash: not found", 127, "/bin/bash", false],
    ["/bin/sh: /bin/sh: not found", 127, "/bin/sh", false],
    [runtime("/bin/bash"), 1, "/bin/bash", false],
    [runtime("/bin/sh"), 1, "/bin/sh", true],
  ])("is no image without a shell where a shell has said so: %s", (output, exitCode, name, isNoShell) => {
    const explanation = explain(failedScene({ command: "true" }, { command: "build" }, { output, exitCode }));
    expect(explanation?.headline).toBe(`step 3/3 failed: exit code ${exitCode}: "${name}" does not exist`);
    expect(explanation?.why.some((sentence) => /has no shell/.test(sentence))).toBe(isNoShell);
  });
});
