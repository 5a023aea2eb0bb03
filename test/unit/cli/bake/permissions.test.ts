import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bakeBuild } from "../../../../src/cli/bake/bake-builds.ts";
import type { BakeTarget } from "../../../../src/cli/bake/read-plan.ts";

let root: string;
let cwd: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "bktui-allow-"));
  cwd = join(root, "in");
  await mkdir(cwd);
  await writeFile(join(cwd, "tok"), "x");
  await writeFile(join(root, "tok"), "x");
  await symlink(root, join(cwd, "link"));
});
afterEach(() => rm(root, { recursive: true }));

/** What is missing; "" = nothing. */
async function refusal(
  target: BakeTarget,
  allowed: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const plan = { targets: new Map([["web", target]]), asked: ["web"] };
  try {
    await using build = await bakeBuild("web", { plan, cwd, env, buildWords: [], allowed, made: {} });
    return build.name === "web" ? "" : build.name;
  } catch (error) {
    if (!(error instanceof Error) || !("hint" in error)) throw error;
    return `${error.message} | ${String(error.hint)}`;
  }
}

test("files within the directory that bake runs in need no word", async () => {
  const secret = [{ id: "a", src: "tok" }];
  expect(
    await refusal({
      context: ".",
      contexts: { x: "./x" },
      secret,
      output: [{ type: "local", dest: "out/x" }],
    }),
  ).toBe("");
  expect(await refusal({ context: "https://github.com/a/b.git", dockerfile: "../../D" })).toBe("");
});

test("files outside are refused with the options that would allow them, also behind links", async () => {
  expect(await refusal({ secret: [{ id: "a", src: "../tok" }] })).toBe(
    "target web asks for what was not allowed: fs.read=../tok | if you trust the bake file, add --allow=fs.read=../tok",
  );
  expect(await refusal({ context: "link" })).toContain("fs.read=.. |");
  expect(await refusal({ contexts: { x: "link" } })).toContain("fs.read=..");
  expect(await refusal({ output: [{ type: "local", dest: "link/made" }] })).toContain("fs.write=../made");
  expect(await refusal({ "cache-to": [{ type: "local", dest: "/far/away" }] })).toContain(
    "fs.write=/far/away",
  );
});

test("what is allowed is given: a path with all that is below it, everything, or without the check", async () => {
  const target = { secret: [{ id: "a", src: "../tok" }], output: [{ type: "local", dest: "../made" }] };
  expect(await refusal(target, ["fs.read=.."])).toContain("not allowed: fs.write=../made |");
  for (const allowed of [["fs=.."], ["fs.read=../tok", "fs.write=../made"], ["fs=*"]])
    expect(await refusal(target, allowed)).toBe("");
  expect(await refusal(target, [], { BUILDX_BAKE_ENTITLEMENTS_FS: "0" })).toBe("");
});

test("privileges and the agent are asked for by name", async () => {
  expect(await refusal({ entitlements: ["network.host", "security.insecure"] }, ["network.host"])).toContain(
    "not allowed: security.insecure |",
  );
  expect(await refusal({ entitlements: ["device=a"] }, ["device"])).toBe("");
  const env = { SSH_AUTH_SOCK: "/run/agent" };
  expect(await refusal({ ssh: [{ id: "default" }] }, [], env)).toContain("not allowed: ssh |");
  expect(await refusal({ ssh: [{ id: "default" }] }, ["ssh"], env)).toBe("");
  expect(await refusal({ output: [{ type: "local", dest: "x", mode: "delete" }] })).toContain(
    "buildx.local.delete",
  );
});
