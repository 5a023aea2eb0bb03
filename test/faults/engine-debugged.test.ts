/** An engine that somebody debugs: a real dlv stops its world, lets it go on, or ends it. */
import { randomInt } from "node:crypto";
import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { statusOf } from "../../src/engine/private/private-engine.ts";
import { DelveClient, fetchDelve, whyNoDelve } from "../support/delve.ts";
import { busyboxContext } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { running } from "../support/processes.ts";
import { Terminal } from "../support/terminal.ts";

const why = inject("privateSuite") === undefined ? "these engines are not ours to debug" : await whyNoDelve();
const WITHIN = { timeout: 15_000, interval: 50 };
/** The steps go on while the engine stands still: this one ends after it has been let go. */
const STEP_S = 55;
const PATIENT = { waitMs: 100_000 };

function dockerfile(seconds: number): string {
  return `FROM scratch AS base
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN sleep ${seconds}
COPY Dockerfile /late
RUN echo last
`;
}

describe.skipIf(why !== undefined)(`an engine under dlv${why === undefined ? "" : ` (${why})`}`, () => {
  beforeAll(async () => {
    vi.stubEnv("PATH", [await fetchDelve(), process.env["PATH"]].join(delimiter));
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });

  async function debugged(): Promise<{ own: OwnEngine; listen: string }> {
    const own = await OwnEngine.start(undefined, { delve: "127.0.0.1:0" });
    const status = await statusOf(own.directory);
    const listen = status.kind === "running" ? status.engine.delve : undefined;
    if (listen === undefined) throw new Error("dlv is not attached");
    return { own, listen };
  }

  test("R03 · that stands still in a step is waited for, by the second, and all goes on when it does", {
    timeout: 200_000,
  }, async () => {
    const { own, listen } = await debugged();
    await using _own = own;
    using dlv = await DelveClient.connect(listen);
    await using fx = await Fx.loaded(own.engine, { ...PATIENT, dockerfile: dockerfile(STEP_S) });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /RUNNING step 3\/5/);
    await vi.waitFor(() => expect(running(`sleep ${STEP_S}`)).toBe(1), WITHIN);
    await dlv.halt();
    await terminal.untilRow(1, /RUNNING engine not answering for 40s/);
    expect(running(`sleep ${STEP_S}`)).toBe(1);
    dlv.continue();
    await terminal.untilRow(1, /RUNNING step 3\/5/);
    await terminal.untilRow(1, /FINISHED/);
    terminal.type("q");
    expect((await terminal.left()).exitCode).toBe(0);
  });

  test("R01 R04 · that its last Go client ends is found again when it runs again, at the same stop", async () => {
    const { own, listen } = await debugged();
    await using _own = own;
    await using fx = await Fx.loaded(own.engine, {
      dockerfile: dockerfile(randomInt(1e6, 1e9)),
      args: ["-b", "4"],
    });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /PAUSED before step 3\/5 · line 4$/);
    using dlv = await DelveClient.connect(listen);
    await dlv.halt();
    await terminal.untilRow(1, /PAUSED engine not answering for \d+s · before step 3/);
    await dlv.kill();
    await terminal.untilRow(1, /LOST engine connection$/);
    await own.startAgain();
    await terminal.untilRow(1, /PAUSED before step 3\/5 · line 4$/);
    await terminal.until(/connected again/);
    terminal.type("q");
    await terminal.left();
  });

  test("R03 · --run waits for ever where it is told to, and says for how long it has waited", async () => {
    const { own, listen } = await debugged();
    await using _own = own;
    using dlv = await DelveClient.connect(listen);
    const seconds = 40;
    await using context = await busyboxContext({ files: { Dockerfile: dockerfile(seconds) } });
    await using terminal = await Terminal.start({
      ...PATIENT,
      engine: own.engine,
      args: ["--run", "--engine-patience=0", context.path],
      columns: 120,
      env: { TERM: "dumb" },
    });
    await vi.waitFor(() => expect(running(`sleep ${seconds}`)).toBe(1), WITHIN);
    await dlv.halt();
    await terminal.until(/^engine not answering: dockerd /m);
    await terminal.until(/^ {2}bktui does not give up \(--engine-patience=0\)$/m);
    await terminal.until(/^engine not answering for 2\ds$/m);
    dlv.continue();
    await terminal.until(/^the engine answers again after \d+s$/m);
    expect((await terminal.left()).exitCode).toBe(0);
  });
});
