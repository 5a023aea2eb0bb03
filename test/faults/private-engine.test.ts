import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, inject, test } from "vitest";
import { statusOf } from "../../src/engine/private/private-engine.ts";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";

const run = promisify(execFile);
const suite = inject("privateSuite");
const starter = join(import.meta.dirname, "../support/start-engine.ts");

describe.runIf(suite !== undefined)("a private engine", () => {
  test("R27 · has a limit of memory: a step beyond it is killed and told so, bktui goes on, and so does the engine", async () => {
    await using own = await OwnEngine.start(suite, { memoryBytes: 256 * 1024 * 1024 });
    const base = `FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n`;
    const dockerfile = `${base}RUN dd if=/dev/zero of=/dev/null bs=400M count=1\n`;
    await using fx = await Fx.loaded(own.engine, { dockerfile, columns: 120, rows: 40 });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 3\/3 · exit code 137 · line 4$/);
    await terminal.until(/exit code 137: killed by SIGKILL.*often out of memory/);
    await terminal.until(/The step may use 268 MB of memory; the kernel kills what uses more/);
    await fx.edit((text) => text.replace("400M", "4M"));
    terminal.type("r");
    await terminal.untilRow(1, /PAUSED|FINISHED|LOADED/);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
  });

  test("is started once by three processes that want it at the same moment", async () => {
    await using own = await OwnEngine.start();
    await own.stop();
    const start = (): Promise<unknown> =>
      run(process.execPath, ["--import", "tsx", starter, own.directory, suite ?? ""]);
    await Promise.all([start(), start(), start()]);
    expect((await statusOf(own.directory)).kind).toBe("running");
    const { stdout } = await run("ps", ["-eo", "args"]);
    const daemons = stdout
      .split("\n")
      .filter((line) => /^\S*\/dockerd /.test(line) && line.includes(own.directory));
    expect(daemons).toHaveLength(1);
  });
});
