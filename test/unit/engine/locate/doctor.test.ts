import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { type Ability, diagnose, formatDoctor } from "../../../../src/engine/locate/doctor.ts";
import type { Address } from "../../../../src/transport/address.ts";
import { serveLocally } from "../../../support/local-server.ts";

const { signal } = new AbortController();

test("an engine directory that cannot be read is reported beside everything else", async () => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-doctor-"));
  try {
    await mkdir(join(directory, "engine.json"));
    const report = await diagnose({ addr: "unix:///nonexistent/a.sock", env: {}, directory }, { signal });
    expect(report.refused.map(({ origin }) => origin)).toEqual(["--addr"]);
    const reason = `cannot read ${join(directory, "engine.json")}: illegal operation on a directory`;
    expect(report.own).toMatchObject({ possible: [], obstacles: [reason] });
    expect(await formatDoctor(report)).toContain(`  - ${reason}\n`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a program is run to see what it reaches, and its failure is one of the reasons, with what to do", async () => {
  const asked: string[] = [];
  const abilities = async ({ text }: Address): Promise<readonly Ability[]> => {
    asked.push(text);
    throw new BktuiError("engine-unreachable", "kubectl ended with exit code 1", { hint: "Try it by hand" });
  };
  const options = { addr: "kube-pod://pod", env: {}, directory: "/nonexistent", abilities };
  const report = await diagnose(options, { signal });
  expect(asked).toEqual(["kube-pod://pod"]);
  expect(report.chosen).toBeUndefined();
  expect(await formatDoctor(report)).toContain(
    "  - --addr: kubectl ended with exit code 1; Try it by hand\n",
  );
});

test("a Podman user is told how to get a BuildKit", async () => {
  await using podman = await serveLocally((socket) => {
    socket.on("data", () => socket.end("HTTP/1.1 200 OK\r\nLibpod-Api-Version: 5.4.2\r\n\r\nOK"));
  });
  const addr = `unix://${podman.address.path}`;
  const report = await diagnose({ addr, env: {}, directory: "/nonexistent" }, { signal });
  const text = await formatDoctor(report);
  expect(text).toContain("is podman, which has no BuildKit inside");
  expect(text).toContain("podman run -d --name buildkitd --privileged docker.io/moby/buildkit:latest");
  expect(text).toContain("bktui --addr podman-container://buildkitd");
});

test("where an engine could be started, the command for it is told, but not in place of the one that was named", async () => {
  const own = { status: { kind: "stopped" }, possible: ["dockerd of sid"], obstacles: [] } as const;
  const missing = { addr: "unix:///nonexistent/a.sock", env: {}, directory: "/nonexistent" };
  const report = await diagnose(missing, { signal });
  expect(report.command).not.toBe("bktui engine start");
  const text = await formatDoctor({ ...report, own, command: "bktui engine start" });
  expect(text).toContain("To get an engine, run:\n  bktui engine start");
});
