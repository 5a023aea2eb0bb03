/** States of failed steps, exported by options where nobody attends; and what is refused since a secret is in it. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, inject, test } from "vitest";
import { docker } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine, testEngines } from "../../support/engines.ts";
import { PASSWORD, privateRegistry, USER } from "../../support/private-registry.ts";
import { type Ran, runWithoutTerminal } from "../../support/without-terminal.ts";

const base = 'FROM scratch AS base\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';
/** Each runs builds one after the other. */
const LONG = { timeout: 180_000 };
const VALUE = "s3cr3t-in-a-state";
const LEAKING = `${base}RUN --mount=type=secret,id=token mkdir /made; value=$(cat /run/secrets/token); \\
  echo "a $value b" > /made/copy; echo "me:$value" | base64 > /made/encoded; touch "/made/x$value"; exit 4
`;
/** What is deleted is in a layer all the same. */
const DELETING = `${LEAKING.replace("exit 4", "exit 0")}RUN rm -r /made\nRUN exit 5\n`;
const FAILING = `${base}RUN echo before > /before
RUN mkdir /left && echo made > /left/file && exit 3
`;

forEachEngine((engine) => {
  test(
    "S26 · the value of a secret in a state: nothing is exported, its place is named, the value is not",
    LONG,
    async () => {
      const files = { Dockerfile: LEAKING, "Deleting.Dockerfile": DELETING, token: `${VALUE}\n` };
      await using context = await busyboxContext({ files });
      const run = async (...options: readonly string[]): Promise<string> => {
        const args = ["--run", "--secret", "id=token,src=token", ...options, "."];
        const around = { cwd: context.path, loadInto: engine };
        const { exitCode, stderr } = await runWithoutTerminal(engine, args, "", around);
        expect(exitCode).toBe(1);
        expect(stderr).not.toContain(VALUE);
        return stderr.split("\nfailed: ")[1] ?? "";
      };
      const there = async (): Promise<readonly string[]> =>
        (await readdir(context.path)).filter((name) => !(name in files) && name !== "busybox");
      const failed = await run("--export-type=tar", "--export-path=out.tar");
      expect(failed).toContain(
        "FAILED of step 3/3 was not exported: nothing was exported: the value of a secret is in it: ",
      );
      for (const place of ["/made/copy", "/made/encoded", "the name /made/***"])
        expect(failed).toContain(`secret token in ${place}`);
      expect(await there()).toEqual([]);
      const allowed = await run("--export-secrets=allow", "--failed-output", "type=tar,dest=out.tar");
      expect(allowed).toMatch(/state {4}exported FAILED of step 3\/3: written to .*out\.tar/);
      expect(await there()).toEqual(["out.tar"]);

      const ref = `bktui-test:${randomUUID()}`;
      const base = ["-f", "Deleting.Dockerfile", "--export-state=base"];
      const image = await run(...base, "--export-ref", ref);
      expect(image).toMatch(/BASE of step 5\/5 was not exported: .*secret token in \/made\/copy/);
      expect((await docker(engine, ["image", "ls", "-q", ref])).stdout).toBe("");
      expect(await run(...base, "--export-type=local", "--export-path=tree")).toMatch(
        /exported BASE of step 5\/5/,
      );
    },
  );

  test("each type of export, BASE beside FAILED, and names that are there already", LONG, async () => {
    await using context = await busyboxContext({ files: { Dockerfile: FAILING } });
    const id = randomUUID();
    const run = async (...options: readonly string[]): Promise<Ran> => {
      const ran = await runWithoutTerminal(engine, ["--run", ...options, "."], "", {
        cwd: context.path,
        loadInto: engine,
      });
      expect(ran.exitCode).toBe(1);
      return ran;
    };
    const filesIn = async (tar: string): Promise<string> =>
      (await promisify(execFile)("tar", ["-tf", join(context.path, tar)])).stdout;

    const tar = await run("--export-type=tar", "--export-path=state.tar", "--export-state=both");
    expect(tar.stderr).toMatch(/state {4}exported BASE of step 4\/4: written to .*state-base\.tar: /);
    expect(tar.stderr).toMatch(/state {4}exported FAILED of step 4\/4: written to .*state\.tar: /);
    expect(await filesIn("state.tar")).toMatch(/left\/file$/m);
    expect(await filesIn("state-base.tar")).toMatch(/before$/m);
    expect(await filesIn("state-base.tar")).not.toMatch(/left/);

    const name = `bktui-test:${id}`;
    try {
      // The name of the build itself is not taken.
      const options = ["-t", `bktui-test:never-${id}`, "--load", "--on-error=export", "--export-ref", name];
      const image = await run(...options);
      expect(image.stderr).toMatch(new RegExp(`state {4}exported FAILED .*: in docker's store: ${name}`));
      expect(image.stderr).toContain(`  open     bktui open ${name}\n`);
      const ran = await docker(engine, ["run", "--rm", "--network=none", name, "-c", "cat /left/file"]);
      expect(ran.stdout).toBe("made\n");
      const never = await docker(engine, ["image", "ls", "-q", `bktui-test:never-${id}`]);
      expect(never.stdout).toBe("");
    } finally {
      await docker(engine, ["image", "rm", "--force", name]);
    }

    // The rest differs in nothing, and each export runs the command again there.
    if (!engine.keepsFailedState) return;

    const again = await run("--export-type=tar", "--export-path=state.tar");
    expect(again.stderr).toMatch(/FAILED of step 4\/4 was not exported: .*state\.tar is there already\n/);
    const { mtimeMs } = await stat(join(context.path, "state.tar"));
    const forced = await run("--export-type=tar", "--export-path=state.tar", "--export-force");
    expect(forced.stderr).toContain("exported FAILED of step 4/4: written to");
    expect((await stat(join(context.path, "state.tar"))).mtimeMs).toBeGreaterThan(mtimeMs);

    await run("--export-type=local", "--export-path=tree");
    expect(await readdir(join(context.path, "tree", "left"))).toEqual(["file"]);

    const tarball = await run("--export-type=tarball", "--export-path=image.tar", "--export-ref", name);
    if (/exported FAILED/.test(tarball.stderr))
      expect(await filesIn("image.tar")).toMatch(/^manifest\.json$/m);
    else expect(tarball.stderr).toMatch(/FAILED of step 4\/4 was not exported: /);
  });

  test("of several failures all are exported under numbered names, of a COPY BASE alone", async () => {
    const Dockerfile = `${base}FROM base AS one
RUN echo 1 > /one && exit 4
FROM base AS two
RUN echo 2 > /two
COPY none-${randomUUID()} /
FROM base AS both
COPY --from=one /one /
COPY --from=two /two /
`;
    await using context = await busyboxContext({ files: { Dockerfile } });
    const options = ["--keep-going", "--export-all", "--failed-output", "type=tar,dest=state.tar"];
    const ran = await runWithoutTerminal(engine, ["--run", ...options, "."], "", { cwd: context.path });
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toMatch(
      /command {2}RUN echo 1(?:.*\n)*? {2}state {4}exported FAILED of .*state-1\.tar/,
    );
    expect(ran.stderr).toMatch(
      /command {2}COPY none-(?:.*\n)*? {2}state {4}no FAILED state is there: BASE is exported alone\n {2}state {4}exported BASE of .*state-2\.tar/,
    );
    const { stdout } = await promisify(execFile)("tar", ["-tf", join(context.path, "state-2.tar")]);
    expect(stdout).toMatch(/^(?:\.\/)?two$/m);
  });

  test.runIf(engine === testEngines()[0])("pushed to a registry", async () => {
    await using registry = await privateRegistry(engine, inject("busybox"), { kind: "password" });
    await using context = await busyboxContext({ files: { Dockerfile: FAILING } });
    await writeFile(
      join(context.path, "config.json"),
      JSON.stringify({
        auths: { [registry.host]: { auth: Buffer.from(`${USER}:${PASSWORD}`).toString("base64") } },
      }),
    );
    const ref = `${registry.host}/states/failed:${randomUUID()}`;
    const ran = await runWithoutTerminal(
      engine,
      ["--run", "--failed-output", `type=registry,ref=${ref}`, "."],
      "",
      {
        cwd: context.path,
        env: { DOCKER_CONFIG: context.path },
      },
    );
    expect(ran.stderr).toMatch(new RegExp(`state {4}exported FAILED .*: pushed: ${ref}`));
    expect(ran.exitCode).toBe(1);
  });
});
