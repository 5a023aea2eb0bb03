import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { fileSyncService, sharedKeyOf } from "../../../src/session/files/file-sync.ts";
import { secretsService } from "../../../src/session/secrets.ts";
import { openSshService } from "../../../src/session/ssh.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { openSessionBuild } from "../../support/session-build.ts";

const withShell = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

/** A program of this machine with the libraries it is linked to, below `root` of the context. */
function copyProgram(context: TestContext, program: string): void {
  const linked = execFileSync("ldd", [program]).toString();
  const libraries = [...linked.matchAll(/(?:=> )?(\/[^ ]+) \(0x/g)].map(([, path]) => path ?? "");
  for (const path of [program, ...libraries]) {
    const target = join(context.path, "root", path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(path, target);
  }
}

/** A real agent with one key; the caller ends it. */
async function startAgent(
  directory: string,
): Promise<{ readonly agent: ChildProcess; readonly socket: string }> {
  const key = join(directory, "key");
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "bktui-test", "-f", key]);
  const socket = join(directory, "agent");
  const watcher = watch(directory);
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  while (!existsSync(socket)) await once(watcher, "change");
  watcher.close();
  execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
  return { agent, socket };
}

forEachEngine((engine) => {
  it("brings secrets from files and variables into a step, and only those offered", async () => {
    await using context = await busyboxContext({
      files: {
        Dockerfile: `${withShell}RUN --mount=type=secret,id=file --mount=type=secret,id=env --mount=type=secret,id=other cat /run/secrets/file /run/secrets/env && ls /run/secrets\n`,
        ".dockerignore": "hidden",
        hidden: "from-file\n",
      },
    });
    const services = [
      fileSyncService({ context: context.path, dockerfile: join(context.path, "Dockerfile") }),
      secretsService(
        [
          { id: "file", from: { kind: "file", path: join(context.path, "hidden") } },
          { id: "env", from: { kind: "env", name: "TOKEN" } },
        ],
        { TOKEN: "from-env\n", other: "x" },
      ),
    ];
    await using build = await openSessionBuild(engine, services, sharedKeyOf(context.path));
    expect(await build.run()).toContain("from-file\nfrom-env\nenv\nfile\n");
  });

  it("S27 · lets a step use the keys of the user's ssh agent but not change them", async () => {
    await using context = await busyboxContext({
      files: {
        Dockerfile: `${withShell}COPY root /\nRUN --mount=type=ssh ssh-add -l; ssh-add -D; ssh-add -x </dev/null; ssh-add -T /key.pub && echo signed; ssh-add -l\nRUN --mount=type=ssh,id=other ssh-add -l || true\n`,
        ".dockerignore": "key\nagent",
      },
    });
    copyProgram(context, execFileSync("which", ["ssh-add"]).toString().trim());
    const { agent, socket } = await startAgent(context.path);
    try {
      copyFileSync(join(context.path, "key.pub"), join(context.path, "root/key.pub"));
      mkdirSync(join(context.path, "root/etc"), { recursive: true });
      const services = [
        fileSyncService({ context: context.path, dockerfile: join(context.path, "Dockerfile") }),
        await openSshService([{ id: "default", paths: [socket] }]),
      ];
      await using build = await openSessionBuild(engine, services, sharedKeyOf(context.path));
      const output = await build.run();
      expect(output.match(/bktui-test \(ED25519\)/g)).toHaveLength(2);
      expect(output).toContain("signed");
      expect(output).toMatch(/Failed to remove all identities/);
      const kept = execFileSync("ssh-add", ["-l"], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      expect(kept.toString()).toContain("bktui-test");
    } finally {
      agent.kill();
      await once(agent, "exit");
    }
  });
});
