import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BuilderStore } from "../../../../../src/engine/locate/builders/store.ts";
import { BUILDERS, dockerHome, homeWithBuilders } from "../../../../support/builder-store.ts";

describe("a builder", () => {
  test("is read as buildx wrote it, and found in any case of letters", async () => {
    await using home = await homeWithBuilders();
    const store = new BuilderStore({ HOME: home.path });
    expect(await store.find("DEV")).toEqual({
      name: "dev",
      driver: "remote",
      nodes: [{ name: "dev0", endpoint: "docker-container://buildkit-dev", platforms: [], options: {} }],
    });
    const far = await store.find("far");
    expect(far?.nodes.map(({ name, platforms }) => [name, platforms])).toEqual([
      ["far0", ["linux/arm64", "linux/arm/v7"]],
      ["far1", ["linux/amd64"]],
    ]);
    expect(far?.nodes[0].options).toMatchObject({ servername: "bk.example", cacert: "/c/ca.pem" });
  });

  test("of a name that is none is not looked for outside of the store", async () => {
    await using home = await homeWithBuilders({ "config.json": BUILDERS["dev"] ?? "" });
    const store = new BuilderStore({ HOME: home.path });
    expect(await store.find("../../config.json")).toBeUndefined();
    expect(await store.find("nobody")).toBeUndefined();
  });

  test("whose file is broken is named with file and place, and what to do", async () => {
    await using home = await homeWithBuilders({
      "buildx/instances/torn": BUILDERS["dev"]?.slice(0, 60) ?? "",
      "buildx/instances/empty": '{"Name":"empty","Driver":"remote","Nodes":null}',
      "buildx/instances/odd": '{"Name":"odd","Driver":"remote","Nodes":[{"Name":"odd0"}]}',
      "buildx/instances/list": "[]",
    });
    const store = new BuilderStore({ HOME: home.path });
    const failure = (message: RegExp) => ({
      code: "io",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("docker buildx rm"),
    });
    await expect(store.find("torn")).rejects.toMatchObject(failure(/instances\/torn:1:\d+: it is not JSON/));
    await expect(store.find("empty")).rejects.toMatchObject(failure(/instances\/empty: it names no nodes/));
    await expect(store.find("odd")).rejects.toMatchObject(
      failure(/instances\/odd: node odd0 has no Endpoint/),
    );
    await expect(store.find("list")).rejects.toMatchObject(failure(/instances\/list: it is no JSON object/));
  });

  test("is looked for in BUILDX_CONFIG when that is set", async () => {
    await using home = await dockerHome({ "instances/dev": BUILDERS["dev"] ?? "" });
    const env = { HOME: "/nonexistent", BUILDX_CONFIG: join(home.path, ".docker") };
    expect(await new BuilderStore(env).find("dev")).toMatchObject({ name: "dev" });
  });

  test("is read without a change to the store", async () => {
    await using home = await dockerHome();
    await mkdir(join(home.path, ".docker"));
    const store = new BuilderStore({ HOME: home.path });
    expect([await store.find("dev"), await store.current("unix:///x"), await store.names()]).toEqual([
      undefined,
      undefined,
      [],
    ]);
    expect(await readdir(join(home.path, ".docker"))).toEqual([]);
  });
});

describe("the current builder", () => {
  const chosenFor = (key: string, name: string, isGlobal = false): string =>
    JSON.stringify({ Key: key, Name: name, Global: isGlobal });

  test("is the one that was chosen for this endpoint", async () => {
    await using home = await homeWithBuilders({ "buildx/current": chosenFor("unix:///a.sock", "dev") });
    const store = new BuilderStore({ HOME: home.path });
    expect(await store.current("unix:///a.sock")).toMatchObject({ builder: { name: "dev" } });
    expect(await store.current("unix:///b.sock")).toBeUndefined();
  });

  test("is for every endpoint the global one, while it exists", async () => {
    await using home = await homeWithBuilders({ "buildx/current": chosenFor("unix:///a.sock", "far", true) });
    const store = new BuilderStore({ HOME: home.path });
    expect(await store.current("unix:///b.sock")).toMatchObject({ builder: { name: "far" } });
    await home.write("buildx/current", chosenFor("unix:///a.sock", "gone", true));
    expect(await store.current("unix:///b.sock")).toBeUndefined();
    expect(await store.current("unix:///a.sock")).toEqual({ name: "gone", builder: undefined });
  });

  test("cannot be told from a broken file, whose place is", async () => {
    await using home = await homeWithBuilders({ "buildx/current": '{"Key":"a",\n "Name" "dev"}' });
    await expect(new BuilderStore({ HOME: home.path }).current("a")).rejects.toMatchObject({
      code: "io",
      message: expect.stringMatching(/buildx\/current:2:9: it is not JSON/),
      hint: expect.stringContaining("docker buildx use"),
    });
  });

  // The name of the file is that which `docker buildx use --default dev` made for this host.
  test("is otherwise the endpoint's default one", async () => {
    await using home = await homeWithBuilders({
      "buildx/current": chosenFor("colima", "far"),
      "buildx/defaults/3ac789490d5042e3eabc": "dev",
    });
    const store = new BuilderStore({ HOME: home.path });
    expect(await store.current("unix:///nonexistent.sock")).toMatchObject({ builder: { name: "dev" } });
    expect(await store.current("colima")).toMatchObject({ builder: { name: "far" } });
  });
});
