/** `--progress=rawjson`: whoever reads docker's lines reads bktui's, and finds the same build in them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { dockerfile } from "../../support/compared-builds.ts";
import { dockerBuildx } from "../../support/docker-client.ts";
import { forEachEngine } from "../../support/engines.ts";
import { foldReports, reportsOf, warningsOf } from "../../support/raw-reports.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-raw-"));
});
afterEach(() => rm(directory, { recursive: true }));

forEachEngine((engine) => {
  async function both(...args: readonly string[]) {
    const all = ["--progress=rawjson", ...args, "."];
    const docker = await dockerBuildx(engine, ["--provenance=false", "--load", ...all], { cwd: directory });
    const ours = await runWithoutTerminal(engine, ["--run", "--load", ...all], "", { cwd: directory });
    return { docker, ours };
  }

  test("a consumer finds docker's vertices, their ends, what they print and warn of", async () => {
    await writeFile(join(directory, "a.txt"), "a");
    // Output that is no text, a name that JSON and terminals could stumble over, a warning of the lint.
    const lines = [
      "RUN printf '\\377\\001'; echo b >&2",
      'RUN echo "<\u202eé>"',
      "MAINTAINER me",
      "COPY a.txt /",
    ];
    await writeFile(join(directory, "Dockerfile"), dockerfile(...lines));
    await both();
    const cached = await both();
    const ran = await both("--no-cache");
    for (const { docker, ours } of [cached, ran]) {
      expect([docker.exitCode, ours.exitCode]).toEqual([0, 0]);
      const [theirs, own] = [foldReports(docker.stderr), foldReports(ours.stderr)];
      expect(own).toEqual(theirs);
      expect(warningsOf(ours.stderr)).toEqual(warningsOf(docker.stderr));
    }
    const outcomes = (text: string) => foldReports(text).map(({ name, outcome }) => `${name} ${outcome}`);
    expect(outcomes(cached.ours.stderr)).toContain("[4/4] COPY a.txt / cached");
    expect(outcomes(ran.ours.stderr)).toContain("[4/4] COPY a.txt / done");
    const printing = foldReports(ran.ours.stderr).find(({ name }) => name.startsWith("[2/4]"));
    expect(printing?.log).toEqual({ 1: "\u00ff\u0001", 2: "b\n" });
    // Every line is a report, and nothing in it reaches a terminal as anything else.
    expect(reportsOf(ran.ours.stderr)).toHaveLength(ran.ours.stderr.trimEnd().split("\n").length);
    expect(ran.ours.stderr).not.toMatch(/\u202e/);
  });

  test("a failure is a vertex with docker's words; secrets are hidden; what bktui says is a report too", async () => {
    const secret = 'RUN --mount=type=secret,id=pass printf "a "; cat /run/secrets/pass; exit 3';
    await writeFile(join(directory, "Dockerfile"), dockerfile("RUN true", secret, "RUN echo never"));
    await writeFile(join(directory, "pass"), "hunter2hunter2");
    const { docker, ours } = await both("--no-cache", "--secret", "id=pass,src=pass", "--squash");
    expect([docker.exitCode, ours.exitCode]).toEqual([1, 1]);
    const shown = JSON.stringify(foldReports(docker.stderr));
    expect(shown).toContain("a hunter2hunter2");
    expect(foldReports(ours.stderr)).toEqual(JSON.parse(shown.replace("hunter2hunter2", "***")));
    const failed = foldReports(ours.stderr).filter(({ outcome }) => outcome === "failed");
    expect(failed.map(({ error, log }) => [/exit code: 3/.test(error), log])).toEqual([
      [true, { 1: "a ***" }],
    ]);
    expect(ours.stderr).not.toContain(Buffer.from("hunter2").toString("base64").slice(0, 8));
    expect(ours.stderr).toMatch(/^step 3\/4 failed: exit code 3/m);
    expect(warningsOf(ours.stderr)).toContainEqual(
      expect.objectContaining({ short: expect.stringContaining("--squash: BuildKit cannot") }),
    );
  });
});
