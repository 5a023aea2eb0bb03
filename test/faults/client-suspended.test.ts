import { readFile } from "node:fs/promises";
import { describe, expect, inject, test, vi } from "vitest";
import { forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { wireTo } from "../support/wire.ts";

/** Docker 20.10 gives a session up after 5 to 14 s without an answer; newer ones after 33 to 45 s. */
const GIVEN_UP = { timeout: 21_000, interval: 50 };
const DOCKERFILE = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox", "sleep", "22"]
RUN --mount=type=secret,id=token ["/bin/busybox", "cat", "/run/secrets/token"]
COPY Dockerfile /
`;

/** Each of them is at least one message; an engine checks every 5 s. */
const CHECKS = { count: 4, within: { timeout: 60_000, interval: 100 } };
/** A leak of a megabyte per check would show. */
const GROWTH_BYTES = 5 * 1024 * 1024;

async function heldBytes(pid: number): Promise<number> {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

forEachEngine((engine) => {
  test("R28 · a build that is paused answers the engine's checks, takes no more memory, and goes on with its secret", async () => {
    await using wire = await wireTo(engine);
    const args = ["--secret", `id=token,src=${import.meta.filename}`, "--no-cache", "-b", "4"];
    const dockerfile = DOCKERFILE.replace('"22"', '"0"');
    await using fx = await Fx.loaded(wire.engine, { dockerfile, args });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 3\/4/);
    const pid = await terminal.pid();
    const told = wire.heard("session");
    await vi.waitFor(() => expect(wire.heard("session")).toBeGreaterThan(told + 1), CHECKS.within);
    const [before, heard] = [await heldBytes(pid), wire.heard("session")];
    await vi.waitFor(
      () => expect(wire.heard("session")).toBeGreaterThanOrEqual(heard + CHECKS.count),
      CHECKS.within,
    );
    expect((await heldBytes(pid)) - before).toBeLessThan(GROWTH_BYTES);
    expect(wire.opened("session")).toBe(1);
    terminal.type("c");
    await terminal.untilRow(1, /FINISHED/);
    expect(wire.opened("session")).toBe(1);
  });
});

describe.runIf(inject("privateSuite") !== undefined)("a bktui that was suspended", () => {
  test("R28 · has its session again when it wakes up, and the build goes on to its end", async () => {
    await using own = await OwnEngine.start("bookworm");
    await using wire = await wireTo(own.engine);
    const secret = `id=token,src=${import.meta.filename}`;
    await using fx = await Fx.loaded(wire.engine, { dockerfile: DOCKERFILE, args: ["--secret", secret] });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 2\/4/);
    const pid = await terminal.pid();
    process.kill(pid, "SIGSTOP");
    try {
      expect(wire.open("session")).toBe(1);
      await vi.waitFor(() => expect(wire.open("session")).toBe(0), GIVEN_UP);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await terminal.untilRow(1, /FINISHED/);
    expect(wire.opened("session")).toBeGreaterThan(1);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
  });
});
