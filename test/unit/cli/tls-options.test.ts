import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
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
