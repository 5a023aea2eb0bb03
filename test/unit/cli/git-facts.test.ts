import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withGitFacts } from "../../../src/cli/git-facts.ts";
import { PLAIN_BUILD } from "../../../src/cli/options/plain-build.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { hasProgram } from "../../support/has-program.ts";

let root: string;
let request: BuildRequest;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), "bktui-git-")));
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app", "Dockerfile"), "FROM scratch\n");
  request = { ...PLAIN_BUILD, source: fromDockerfile(join(root, "app"), join(root, "app", "Dockerfile")) };
});
afterEach(() => rmSync(root, { recursive: true }));

const env = { PATH: process.env["PATH"] ?? "", HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" };

function git(...args: readonly string[]): string {
  const own = {
    ...env,
    GIT_AUTHOR_NAME: "a",
    GIT_AUTHOR_EMAIL: "a@b",
    GIT_COMMITTER_NAME: "a",
    GIT_COMMITTER_EMAIL: "a@b",
  };
  return execFileSync("git", args, {
    cwd: root,
    encoding: "utf8",
    env: own,
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

function repository(): string {
  git("init", "-q");
  git("remote", "add", "origin", "https://me:hunter2@host/path.git");
  git("add", ".");
  git("commit", "-q", "-m", "first");
  return git("rev-parse", "HEAD");
}

describe.skipIf(!hasProgram("git"))("with git (needs git)", () => {
  test("labels are those of buildx, without a password, and are said", async () => {
    const revision = repository();
    const labels = {
      "org.opencontainers.image.revision": revision,
      "org.opencontainers.image.source": "https://xxxxx:xxxxx@host/path.git",
      "com.docker.image.source.entrypoint": "app/Dockerfile",
    };
    const found = await withGitFacts(request, { ...env, BUILDX_GIT_LABELS: "1" });
    expect(found.notes).toEqual([]);
    expect(found.request.labels).toEqual(labels);
    expect(found.request.vcs).toEqual({});
    expect(found.request.taken?.[0]).toEqual({
      name: "label org.opencontainers.image.revision",
      value: revision,
      from: "git, BUILDX_GIT_LABELS",
    });
  });

  test("a changed file is said when it is asked for", async () => {
    const revision = repository();
    writeFileSync(join(root, "app", "new"), "");
    const wanted = { ...env, BUILDX_GIT_LABELS: "full", BUILDX_GIT_CHECK_DIRTY: "1" };
    const found = await withGitFacts(request, wanted);
    expect(found.request.labels["org.opencontainers.image.revision"]).toBe(`${revision}-dirty`);
  });

  test("facts for the provenance go with what is made, unless they are switched off", async () => {
    const revision = repository();
    expect((await withGitFacts(request, env)).request).toBe(request);
    const made = { ...request, tags: ["x"] };
    expect((await withGitFacts(made, env)).request.vcs).toEqual({
      "vcs:revision": revision,
      "vcs:source": "https://xxxxx:xxxxx@host/path.git",
      "vcs:localdir:context": "app",
      "vcs:localdir:dockerfile": "app",
    });
    expect((await withGitFacts(made, { ...env, BUILDX_GIT_INFO: "0" })).request).toBe(made);
  });

  test("where no repository is there are none, and one that cannot be read is said", async () => {
    const wanted = { ...env, BUILDX_GIT_LABELS: "1" };
    expect(await withGitFacts(request, wanted)).toEqual({ request, notes: [] });
    mkdirSync(join(root, "app", ".git"));
    expect((await withGitFacts(request, wanted)).notes).toEqual([
      expect.stringMatching(/^git cannot read the repository of the context: fatal: /),
    ]);
  });
});
