import { describe, expect, inject, test, vi } from "vitest";
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
