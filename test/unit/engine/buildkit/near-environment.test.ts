import { describe, expect, it } from "vitest";
import {
  environmentOfCommand,
  environmentOfImage,
  imageOf,
  nearestOf,
} from "../../../../src/engine/buildkit/near-environment.ts";
import type { Graph, Vertex } from "../../../../src/graph/graph.ts";
import { LlbWriter } from "../../../support/llb-writer.ts";

function named(graph: Graph, name: string): Vertex {
  const found = [...graph.vertices.values()].find((vertex) => vertex.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

/** image -> copy -> make -> write -> check; and beside them files on the image and on nothing. */
function build(): Graph {
  const llb = new LlbWriter();
  const image = llb.image("docker.io/library/busybox:1.36", { name: "image" });
  const copy = llb.file([{ mkdir: { path: "/a" } }], [image], { name: "copy" });
  const options = { on: copy, env: ["A=1"], cwd: "/src", meta: { user: "app" } };
  const make = llb.exec("make", {
    ...options,
    name: "make",
    mounts: [{ dest: "/c", mountType: 3, cacheOpt: { ID: "c" } }],
    exec: { secretenv: [{ ID: "s", name: "S" }] },
  });
  const write = llb.file([{ mkfile: { path: "/b", mode: 0, data: Buffer.alloc(0) } }], [make], {
    name: "write",
  });
  const other = llb.image("docker.io/library/alpine", { name: "other image" });
  const idle = llb.file([{ rm: { path: "/x" } }], [other], { name: "idle" });
  const bare = llb.file([{ mkdir: { path: "/y" } }], [], { name: "bare" });
  const merged = llb.merge([bare, idle], { name: "merged" });
  return llb.graph(llb.exec("check", { on: write, name: "check", mounts: [{ from: merged, dest: "/m" }] }));
}

function nearest(name: string): string | undefined {
  const graph = build();
  const found = nearestOf(graph, named(graph, name));
  return found === undefined ? undefined : `${found.kind} ${found.vertex.name}`;
}

describe("the environment of a place that no Dockerfile tells of", () => {
  it("is that of the last command before it, else of the first behind it, else of the image below", () => {
    expect(nearest("write")).toBe("command make");
    expect(nearest("copy")).toBe("command make");
    expect(nearest("image")).toBe("command make");
    expect(nearest("idle")).toBe("image other image");
    // A mount is another file system.
    expect(nearest("merged")).toBeUndefined();
    expect(imageOf(named(build(), "other image"))).toBe("docker.io/library/alpine");
  });

  it("has of the command what is not the command's own, and says whose it is", () => {
    const { meta, mounts, from } = environmentOfCommand(named(build(), "make"));
    expect(meta).toMatchObject({ env: ["A=1"], cwd: "/src", user: "app", args: [], secretEnv: [] });
    expect(mounts.map(({ dest }) => dest)).toEqual(["/"]);
    expect(from).toContain('those of "make"');
  });

  it("is the image's configuration, with a PATH", () => {
    const config = { config: { Env: ["A=1"], WorkingDir: "/w", User: "u" } };
    const made = environmentOfImage(Buffer.from(JSON.stringify(config)), "x");
    expect(made?.meta).toMatchObject({ cwd: "/w", user: "u" });
    expect(made?.meta.env).toEqual([expect.stringMatching(/^PATH=/), "A=1"]);
    expect(environmentOfImage(Buffer.from("{}"), "x")).toBeUndefined();
    expect(environmentOfImage(Buffer.from("no JSON"), "x")).toBeUndefined();
    expect(environmentOfImage(undefined, "x")).toBeUndefined();
    expect(environmentOfImage(Buffer.from('{"config":{"Env":[1],"User":2}}'), "x")?.meta).toMatchObject({
      cwd: "/",
      user: "",
    });
  });
});
