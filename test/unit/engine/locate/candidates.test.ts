import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Candidate, listCandidates } from "../../../../src/engine/locate/candidates.ts";
import { chosenEngine } from "../../../../src/engine/locate/choice-words.ts";
import { BUILDERS } from "../../../support/builder-store.ts";

let home = "";

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "bktui-docker-"));
});
afterEach(async () => {
  await rm(home, { recursive: true });
});

async function namedWith(env: Record<string, string>, addr?: string): Promise<readonly Candidate[]> {
  const all = await listCandidates({ addr, env: { HOME: home, ...env } });
  return all.filter(({ explicit }) => explicit);
}

async function writeContext(name: string, host: string): Promise<string> {
  const id = createHash("sha256").update(name).digest("hex");
  const directory = join(home, ".docker/contexts/meta", id);
  await mkdir(directory, { recursive: true });
  await writeFile(
    join(directory, "meta.json"),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  return id;
}

async function writeBuilder(name: "dev" | "far", text = BUILDERS[name] ?? ""): Promise<void> {
  const directory = join(home, ".docker/buildx/instances");
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), text);
}

describe("what names an engine", () => {
  test("--addr counts more than BUILDKIT_HOST, and that more than DOCKER_HOST", async () => {
    const env = { BUILDKIT_HOST: "unix:///b.sock", DOCKER_HOST: "unix:///d.sock" };
    const origins = (await namedWith(env, "unix:///a.sock")).map(({ origin }) => origin);
    expect(origins).toEqual(["--addr", "BUILDKIT_HOST", "DOCKER_HOST"]);
  });

  test("the current docker context counts before the usual sockets, DOCKER_CONTEXT before the current one", async () => {
    await writeContext("colima", "unix:///colima.sock");
    await writeContext("rancher", "unix:///rancher.sock");
    await writeFile(join(home, ".docker/config.json"), '{"currentContext": "colima"}');
    const current = { origin: "docker context colima", text: "unix:///colima.sock", explicit: true };
    expect(await namedWith({})).toMatchObject([current]);
    expect(await namedWith({ DOCKER_CONTEXT: "rancher" })).toMatchObject([{ text: "unix:///rancher.sock" }]);
    expect(await namedWith({ DOCKER_CONTEXT: "default" })).toEqual([]);
    expect(await namedWith({ DOCKER_HOST: "unix:///d.sock" })).toMatchObject([{ origin: "DOCKER_HOST" }]);
  });

  test("a context that does not exist is an error, but not when something else counts more", async () => {
    const env = { DOCKER_CONTEXT: "gone" };
    await expect(namedWith(env)).rejects.toMatchObject({ code: "not-found" });
    expect(await namedWith(env, "unix:///a.sock")).toHaveLength(1);
  });

  test("a context with certificates wants TLS", async () => {
    const id = await writeContext("far", "tcp://far.example:2375");
    await mkdir(join(home, ".docker/contexts/tls", id, "docker"), { recursive: true });
    expect(await namedWith({ DOCKER_CONTEXT: "far" })).toMatchObject([{ tls: { skipVerify: false } }]);
  });

  test("a builder counts more than an engine that a variable names, and --addr more than BUILDX_BUILDER", async () => {
    await writeBuilder("dev");
    const env = { BUILDX_BUILDER: "dev", BUILDKIT_HOST: "unix:///b.sock" };
    const origins = async (addr?: string): Promise<readonly string[]> =>
      (await namedWith(env, addr)).map(({ origin }) => origin);
    expect(await origins()).toEqual(["builder dev, remote (BUILDX_BUILDER)", "BUILDKIT_HOST"]);
    expect(await origins("unix:///a.sock")).toEqual(["--addr", "BUILDKIT_HOST"]);
  });

  test("--builder counts more than BUILDX_BUILDER, and with --addr it is too much", async () => {
    await writeBuilder("dev");
    await writeBuilder("far");
    const wanted = { builder: "dev", env: { HOME: home, BUILDX_BUILDER: "far" } };
    expect((await listCandidates(wanted))[0]).toMatchObject({
      origin: "builder dev, remote (--builder)",
      text: "dev0 at docker-container://buildkit-dev",
    });
    await expect(listCandidates({ ...wanted, addr: "unix:///a.sock" })).rejects.toMatchObject({
      code: "usage",
    });
  });

  test("what a builder's file says is shown harmlessly, and without a password", async () => {
    await writeBuilder(
      "dev",
      '{"Driver":"x\\u001b[2Jy","Nodes":[{"Name":"dev0","Endpoint":"ssh://me:s3cret@far"}]}',
    );
    expect(await chosenEngine({ builder: "dev", env: { HOME: home } })).toEqual({
      text: "dev0 at ssh://me:***@far",
      from: "builder dev, x^[[2Jy (--builder)",
    });
  });

  test("a builder that does not exist is an error that knows near names", async () => {
    await writeBuilder("dev");
    await expect(namedWith({ BUILDX_BUILDER: "dve" })).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringMatching(/BUILDX_BUILDER: there is no builder "dve" in .*\/buildx/),
      hint: expect.stringContaining("Did you mean dev?"),
    });
  });

  test("a docker context's name is a builder only while it is in force", async () => {
    await writeContext("colima", "unix:///colima.sock");
    expect(await namedWith({ BUILDX_BUILDER: "colima", DOCKER_CONTEXT: "colima" })).toMatchObject([
      { origin: "builder colima (BUILDX_BUILDER)", text: "unix:///colima.sock", kind: "dockerd" },
    ]);
    expect(await namedWith({ BUILDX_BUILDER: "default" })).toMatchObject([
      { text: "unix:///var/run/docker.sock" },
    ]);
    await expect(namedWith({ BUILDX_BUILDER: "colima" })).rejects.toMatchObject({
      code: "not-found",
      hint: "Set DOCKER_CONTEXT=colima.",
    });
  });

  test("what docker buildx use chose counts before the docker it was chosen for, and after BUILDKIT_HOST", async () => {
    await writeBuilder("dev");
    const current = { Key: "unix:///d.sock", Name: "dev", Global: false };
    await writeFile(join(home, ".docker/buildx/current"), JSON.stringify(current));
    const origins = async (env: Record<string, string>): Promise<readonly string[]> =>
      (await namedWith(env)).map(({ origin }) => origin);
    expect(await origins({ DOCKER_HOST: "unix:///d.sock" })).toEqual([
      "builder dev, remote (docker buildx use)",
      "DOCKER_HOST",
    ]);
    expect(await origins({ DOCKER_HOST: "unix:///other.sock" })).toEqual(["DOCKER_HOST"]);
    expect(await origins({ DOCKER_HOST: "unix:///d.sock", BUILDKIT_HOST: "unix:///b.sock" })).toEqual([
      "BUILDKIT_HOST",
      "DOCKER_HOST",
    ]);
    expect(await origins({})).toEqual([]);
  });

  test("a current builder that was removed gives way to docker, as for buildx, and that is said", async () => {
    await mkdir(join(home, ".docker/buildx"), { recursive: true });
    const current = { Key: "unix:///d.sock", Name: "gone", Global: false };
    await writeFile(join(home, ".docker/buildx/current"), JSON.stringify(current));
    expect(await namedWith({ DOCKER_HOST: "unix:///d.sock" })).toMatchObject([
      {
        origin: "DOCKER_HOST, as buildx's current builder gone does not exist any more",
        note: "buildx's current builder gone does not exist any more: docker itself builds",
      },
    ]);
  });

  test("the user's own runtime directory is searched as well", async () => {
    const all = await listCandidates({
      addr: undefined,
      env: { HOME: home, XDG_RUNTIME_DIR: "/run/user/7" },
    });
    const paths = all.map(({ origin }) => origin);
    expect(paths[0]).toBe("/var/run/docker.sock");
    expect(paths).toContain("/run/user/7/docker.sock");
    expect(paths).toContain(join(home, ".colima/default/docker.sock"));
  });
});
