import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Candidate, listCandidates } from "../../../../src/engine/locate/candidates.ts";

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
    await expect(namedWith(env)).rejects.toMatchObject({ code: "usage" });
    expect(await namedWith(env, "unix:///a.sock")).toHaveLength(1);
  });

  test("a context with certificates wants TLS", async () => {
    const id = await writeContext("far", "tcp://far.example:2375");
    await mkdir(join(home, ".docker/contexts/tls", id, "docker"), { recursive: true });
    expect(await namedWith({ DOCKER_CONTEXT: "far" })).toMatchObject([{ tls: true }]);
  });

  test("a broken config.json is named without a word of what is in it", async () => {
    await mkdir(join(home, ".docker"));
    await writeFile(join(home, ".docker/config.json"), '{"auths": {"r": {"auth": "c2VjcmV0"}');
    const failure: unknown = await namedWith({}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "io" });
    expect(String(failure)).toContain("config.json");
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain("c2Vj");
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
