import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tlsOrigins } from "../../../src/cli/config/tls-origins.ts";
import { tlsFilesOf } from "../../../src/cli/tls-options.ts";

const here = { cwd: "/project", named: true };

test("files are absolute, and nothing typed is no TLS", async () => {
  expect(await tlsFilesOf({}, { cwd: "/project", named: false })).toBeUndefined();
  const typed = { tlscacert: "ca.pem", tlscert: "/c.pem", tlskey: "keys/k.pem", tlsservername: "engine" };
  expect(await tlsFilesOf(typed, here)).toEqual({
    ca: "/project/ca.pem",
    cert: "/c.pem",
    key: "/project/keys/k.pem",
    serverName: "engine",
  });
});

test("a directory has docker's names or those of Kubernetes' secrets, and all three", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-tlsdir-"));
  try {
    for (const name of ["ca.crt", "cert.pem"]) await writeFile(join(directory, name), "");
    await expect(tlsFilesOf({ tlsdir: directory }, here)).rejects.toMatchObject({
      code: "io",
      message: `--tlsdir ${directory} has neither key.pem nor tls.key`,
    });
    await writeFile(join(directory, "tls.key"), "");
    expect(await tlsFilesOf({ tlsdir: "." }, { ...here, cwd: directory })).toEqual({
      ca: join(directory, "ca.crt"),
      cert: join(directory, "cert.pem"),
      key: join(directory, "tls.key"),
      serverName: undefined,
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("what says the same twice, or is for no engine, is a wrong command line", async () => {
  await expect(tlsFilesOf({ tlsdir: "/d", tlskey: "/k" }, here)).rejects.toMatchObject({ code: "usage" });
  await expect(tlsFilesOf({ tlscacert: "/c" }, { cwd: "/", named: false })).rejects.toMatchObject({
    code: "usage",
    hint: expect.stringContaining("DOCKER_TLS_VERIFY"),
  });
});

test("each file is told with the option, variable or context that named it", () => {
  const rows = (...args: Parameters<typeof tlsOrigins>) =>
    tlsOrigins(...args).map(({ key, value, from }) => `${key} ${value} ${from}`);
  const options = { typed: { tlscacert: "ca.pem", tlsservername: "engine" }, from: "--addr" };
  expect(rows({ ca: "/p/ca.pem", serverName: "engine" }, options)).toEqual([
    "engine.tls.ca /p/ca.pem --tlscacert",
    "engine.tls.cert undefined default",
    "engine.tls.key undefined default",
    "engine.tls.servername engine --tlsservername",
  ]);
  const directory = { typed: { tlsdir: "d" }, from: "BUILDKIT_HOST" };
  expect(rows({ ca: "/d/ca.pem", cert: "/d/c", key: "/d/k" }, directory)).toEqual([
    "engine.tls.ca /d/ca.pem --tlsdir",
    "engine.tls.cert /d/c --tlsdir",
    "engine.tls.key /d/k --tlsdir",
    "engine.tls.servername undefined default: the host of the address",
  ]);
  const context = { typed: {}, from: "docker context far" };
  expect(rows({ ca: "/c/ca.pem", skipVerify: true }, context)).toEqual([
    "engine.tls.ca /c/ca.pem docker context far",
    "engine.tls.cert undefined default",
    "engine.tls.key undefined default",
    "engine.tls.verify false docker context far",
  ]);
});
