import { expect, test } from "vitest";
import { MaskedProgress } from "../../../../src/engine/buildkit/masked-progress.ts";
import type { Progress } from "../../../../src/engine/engine.ts";
import type { Digest } from "../../../../src/graph/graph.ts";
import { SecretMask } from "../../../../src/session/secret-mask.ts";

const [ONE, OTHER] = ["sha256:one" as Digest, "sha256:other" as Digest];

function masked(): { readonly progress: MaskedProgress; texts(): readonly string[] } {
  const mask = new SecretMask();
  mask.add(Buffer.from("hunter2"), "secret");
  const emitted: Progress[] = [];
  const text = (entry: Progress): string => {
    if (entry.kind === "log") return Buffer.from(entry.data).toString();
    return entry.kind === "vertex" ? `${entry.name}: ${entry.error}` : entry.kind;
  };
  return {
    progress: new MaskedProgress(mask, (entry) => emitted.push(entry)),
    texts: () => emitted.map(text),
  };
}

test("a warning's sentences and its address are masked like its text", () => {
  const mask = new SecretMask();
  mask.add(Buffer.from("hunter2"), "secret");
  const emitted: Progress[] = [];
  const progress = new MaskedProgress(mask, (entry) => emitted.push(entry));
  const url = "https://x/?t=hunter2";
  progress.push({ kind: "warning", vertex: ONE, text: "a hunter2", detail: ["b hunter2"], url, ranges: [] });
  expect(JSON.stringify(emitted)).toContain('"detail":["b ');
  expect(JSON.stringify(emitted)).not.toContain("hunter2");
});

function log(vertex: Digest, text: string): Progress {
  return { kind: "log", vertex, stream: "stdout", atMs: 1, data: Buffer.from(text) };
}

function ended(vertex: Digest): Progress {
  return {
    kind: "vertex",
    vertex,
    name: "RUN echo hunter2",
    startedMs: 1,
    completedMs: 2,
    cached: false,
    error: "hunter2?",
  };
}

test("the last output of a step is not held back, though it comes behind the news of its end", () => {
  const { progress, texts } = masked();
  progress.push(log(ONE, "a hunt"));
  progress.settle();
  expect(texts()).toEqual(["a "]);
  progress.push(ended(ONE));
  progress.push(log(ONE, "er and hunt"));
  progress.settle();
  expect(texts()).toEqual(["a ", "RUN echo ***: ***?", "hunter and ", "hunt"]);
});

test("output of one step does not complete a value of another's", () => {
  const { progress, texts } = masked();
  progress.push(log(ONE, "hunt"));
  progress.push(log(OTHER, "er2"));
  progress.push(log(ONE, "er2!"));
  expect(texts()).toEqual(["er2", "***!"]);
});
