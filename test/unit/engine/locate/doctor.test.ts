import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnose, formatDoctor } from "../../../../src/engine/locate/doctor.ts";

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

test("where an engine could be started, the command for it is told, but not in place of the one that was named", async () => {
  const own = { status: { kind: "stopped" }, possible: ["dockerd of sid"], obstacles: [] } as const;
  const missing = { addr: "unix:///nonexistent/a.sock", env: {}, directory: "/nonexistent" };
  const report = await diagnose(missing, { signal });
  expect(report.command).not.toBe("bktui engine start");
  const text = await formatDoctor({ ...report, own, command: "bktui engine start" });
  expect(text).toContain("To get an engine, run:\n  bktui engine start");
});
