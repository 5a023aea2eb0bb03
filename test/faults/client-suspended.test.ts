import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, inject, test } from "vitest";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";

/** Docker 20.10 gives a session up after 5 to 14 s without an answer; newer ones after 33 to 45 s. */
const SUSPENDED_MS = 16_000;
const DOCKERFILE = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox", "sleep", "22"]
RUN --mount=type=secret,id=token ["/bin/busybox", "cat", "/run/secrets/token"]
COPY Dockerfile /
`;

describe.runIf(inject("privateSuite") !== undefined)("a bktui that was suspended", () => {
  test("R28 · has its session again when it wakes up, and the build goes on to its end", async () => {
    await using own = await OwnEngine.start("bookworm");
    const secret = `id=token,src=${import.meta.filename}`;
    await using fx = await Fx.loaded(own.engine, { dockerfile: DOCKERFILE, args: ["--secret", secret] });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 2\/4/);
    const pid = await terminal.pid();
    process.kill(pid, "SIGSTOP");
    // The time itself is what is tested: nothing tells when an engine has given a session up.
    await delay(SUSPENDED_MS);
    process.kill(pid, "SIGCONT");
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
  });
});
