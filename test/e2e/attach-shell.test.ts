/** Terminals that are a step's shell and nothing else follow a build that others step. */
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { expect, inject, test, vi } from "vitest";
import { forEachEngine, testEngines } from "../support/engines.ts";
import { ServedBuild } from "../support/served-build.ts";
import { Terminal } from "../support/terminal.ts";

const COOKED = / icanon .* echo /s;
const [newest] = testEngines();

const BEGINNING = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
`;

// Several programs start in each, one after the other.
vi.setConfig({ testTimeout: 120_000 });

forEachEngine((engine) => {
  test("is the shell of each stop that the build comes to, with its user, directory and variables", async () => {
    const dockerfile = `${BEGINNING}WORKDIR /first
ENV WHICH=one
RUN echo 1 > 1
WORKDIR /second
ENV WHICH=two
USER 1234:567
RUN echo 2
`;
    await using served = await ServedBuild.start(engine, dockerfile);
    await using terminal = await served.shell({ columns: 100, rows: 30 });
    await served.runTo("RUN echo 1");
    await terminal.until(/^— BASE of step \d+\/\d+: RUN echo 1 > 1$/m);
    await terminal.until(/BASE \/first #$/m);
    terminal.type("id -u; pwd; echo $WHICH $MARK; stty size\r");
    await terminal.until(new RegExp(`^0\n/first\none ${served.mark}\n30 100$`, "m"));
    terminal.resize(90, 20);
    terminal.type("clear; until stty size | grep -q '20 90'; do sleep 0.1; done; echo fits $((40 + 2))\r");
    await terminal.until(/^fits 42$/m);
    await served.runTo("RUN echo 2");
    await terminal.until(/^— BASE of step \d+\/\d+: RUN echo 2$/m);
    await terminal.until(/BASE \/second \$$/m);
    terminal.type("clear; id -u; pwd; echo $WHICH\r");
    await terminal.until(/^1234\n\/second\ntwo$/m);
    await served.command("continue");
    await terminal.until(/^— AFTER of step \d+\/\d+: RUN echo 2$/m);
    await terminal.until(/AFTER \/second \$$/m);
    served.session.send("quit");
    const { exitCode, settings } = await terminal.left();
    expect(exitCode).toBe(0);
    expect(settings).toMatch(COOKED);
    expect(terminal.modesLeftOn()).toEqual([]);
    expect(terminal.output).toMatch(/\[\S+: the process that ran the build was ended\]/);
  });

  test("BASE and FAILED side by side; a shell that ended is opened again, a program is not ended without a question", async () => {
    await using served = await ServedBuild.start(engine);
    await served.command("continue");
    await using failed = await served.shell({ args: ["--side", "failed"] });
    await using base = await served.shell({ args: ["--side", "base"] });
    await failed.until(/FAILED \/app #$/m);
    await base.until(/BASE \/app #$/m);
    failed.type("ls\r");
    await failed.until(/^a\.txt +b\.txt$/m);
    base.type("ls\r");
    await base.until(/^a\.txt$/m);
    base.type("touch mine; exit 3\r");
    await base.until(/^— shell exited with 3, Enter opens again in its files; Ctrl-\] leaves$/m);
    // Not before somebody asks for it, and what is typed behind that is for the shell.
    base.type("touch nothing");
    base.type("\rls\r");
    await base.until(/^a\.txt +mine$/m);
    // Another terminal at the same state has its files.
    await using beside = await served.shell({ args: ["--side", "base"] });
    await beside.until(/BASE \/app #$/m);
    beside.type("ls\r");
    await beside.until(/^a\.txt +mine$/m);
    failed.type("sleep 1000\r");
    await served.untilRuns("sleep 1000");
    failed.key("Ctrl-]");
    await failed.until(/sleep is running in it and will be ended\. Leave\? \(y\/n\)$/m);
    failed.type("n");
    failed.key("Ctrl-C");
    failed.type("echo still $((40 + 2))\r");
    await failed.until(/^still 42$/m);
    failed.type("sleep 1000\r");
    await served.untilRuns("sleep 1000");
    failed.key("Ctrl-]");
    await failed.until((rows) => rows.filter((row) => /Leave\? \(y\/n\)$/.test(row)).length === 2);
    failed.type("y");
    base.key("Ctrl-]");
    beside.key("Ctrl-]");
    for (const terminal of [failed, base, beside]) {
      const { exitCode, settings } = await terminal.left();
      expect(exitCode).toBe(0);
      expect(settings).toMatch(COOKED);
      expect(terminal.modesLeftOn()).toEqual([]);
      expect(terminal.output).toMatch(
        /the build stays: bktui attach --shell (--side (base|failed) )\S+ opens another shell\]/,
      );
    }
    await served.untilEmpty();
    // Its files went with the last terminal.
    await using again = await served.shell({ args: ["--side", "base"] });
    await again.until(/BASE \/app #$/m);
    again.type("ls\r");
    await again.until(/^a\.txt$/m);
  });

  test("waits while nothing is stopped; a shell that was used stays and comes back with its stop", async () => {
    const dockerfile = `${BEGINNING}RUN echo 1 > 1
RUN sleep 2; echo ${randomUUID()}
RUN echo 3
`;
    await using served = await ServedBuild.start(engine, dockerfile);
    await served.runTo("RUN echo 1");
    // Where the build has gone on, AFTER is worth more.
    await using terminal = await served.shell({ args: ["--side", "base"] });
    await using failed = await served.shell({ args: ["--side", "failed"] });
    await failed.until(/^— step \d\/\d has no state FAILED; waiting for the next stop \(Ctrl-\] leaves\)$/m);
    await terminal.until(/BASE \/ #$/m);
    terminal.type("here=$((40 + 2)); sleep 1000 &\r");
    await served.untilRuns("sleep 1000");
    const running = served.send(`to ${served.lineOf("RUN echo 3")}`);
    await terminal.until(/^— step \d\/\d runs; waiting for the next stop \(Ctrl-\] leaves\)$/m);
    failed.key("Ctrl-]");
    expect((await failed.left()).exitCode).toBe(0);
    expect((await served.session.answer(running)).ok).toBe(true);
    await terminal.until(/^— BASE of step \d\/\d: RUN echo 3$/m);
    await terminal.until((rows) => rows.filter((row) => /BASE \/ #$/.test(row)).length >= 1);
    // Nobody used this one.
    await served.command("back");
    await served.command("back");
    await terminal.until(
      (rows) => rows.filter((row) => /^— BASE of .*RUN echo 1 > 1$/.test(row)).length === 2,
    );
    terminal.type("echo here $here\r");
    await terminal.until(/^here 42$/m);
    await served.command("rerun");
    await terminal.until(
      (rows) => rows.filter((row) => /^— BASE of .*RUN echo 1 > 1$/.test(row)).length === 3,
    );
    // What is typed before a shell is there that nobody asked for is for none.
    await terminal.untilCursor(/BASE \/ #$/, 19);
    terminal.type("clear; echo here $here.\r");
    await terminal.until(/^here \.$/m);
    expect(await served.processes()).not.toContain("sleep 1000");
  });

  test("a shell that holds a step's locked cache is ended with words, and the step runs", async () => {
    const id = randomUUID();
    const cache = `--mount=type=cache,id=${id},target=/c,sharing=locked`;
    const dockerfile = `${BEGINNING}RUN ${cache} echo ${id} > /c/x
RUN ${cache} cat /c/x
`;
    await using served = await ServedBuild.start(engine, dockerfile);
    await served.command("next");
    await served.command("next");
    await served.command("next");
    await using terminal = await served.shell({ columns: 200 });
    await terminal.until(/BASE \/ #$/m);
    terminal.type("cat /c/x\r");
    await terminal.until(new RegExp(`^${id}$`, "m"));
    await served.command("next");
    await terminal.until(
      new RegExp(
        `^— shell ended: BASE of step \\d holds the cache "${id}" that step \\d needs(; Ctrl-\\] leaves)?$`,
        "m",
      ),
    );
    await terminal.until(/^— AFTER of step/m);
  });

  test("steps that are taken faster than shells open leave none behind", async () => {
    const steps = Array.from({ length: 12 }, (_, index) => `RUN echo ${index + 1}${randomUUID()}\n`);
    await using served = await ServedBuild.start(engine, `${BEGINNING}${steps.join("")}`);
    await served.command("next");
    await served.command("next");
    await using terminal = await served.shell({ columns: 120 });
    await using base = await served.shell({ columns: 120, args: ["--side", "base"] });
    for (const _ of steps) await served.command("next");
    await terminal.until(/AFTER \/ #$/m);
    await base.until(/BASE \/ #$/m);
    for (const each of [terminal, base]) {
      each.type("echo here $((40 + 2))\r");
      await each.until(/^here 42$/m);
      each.key("Ctrl-]");
      expect((await each.left()).exitCode).toBe(0);
    }
    await served.untilEmpty();
  });

  test("where the image has no shell, Enter opens one with other programs", async () => {
    const dockerfile = "FROM scratch\nADD busybox /opt/busybox\nCOPY Dockerfile /a-file\n";
    const env = { PATH: `${dirname(inject("busybox"))}:${process.env["PATH"] ?? ""}` };
    await using served = await ServedBuild.start(engine, dockerfile, { env });
    await served.command("continue");
    await using terminal = await served.shell({ columns: 120 });
    await terminal.until(
      /^— no \/bin\/sh here \(scratch or distroless\); Enter opens one with other programs, Ctrl-\] leaves$/m,
    );
    terminal.key("Enter");
    await terminal.until(
      /^— AFTER of step \d\/\d · debug root · state at \/target: COPY Dockerfile \/a-file$/m,
    );
    await terminal.until(/debug-root@\d\/\d AFTER \/target #$/m);
    terminal.type("ls\r");
    await terminal.until(/^a-file +/m);
  });

  test("where the steps above have not run, Enter runs them and opens the shell", async () => {
    const dockerfile = "FROM busybox:1.36\nRUN sleep 1; echo made > /made\nCOPY gone /\n";
    await using served = await ServedBuild.start(engine, dockerfile, { args: ["--no-cache"] });
    await served.command("continue");
    await using terminal = await served.shell({ columns: 120 });
    await terminal.until(
      /^— step (\d)\/\1 failed before the steps above it had run; Enter runs them and opens it \(Ctrl-\] leaves\)$/m,
    );
    terminal.key("Enter");
    await terminal.until(/BASE \/ #$/m);
    terminal.type("cat /made\r");
    await terminal.until(/^made$/m);
  });
});

test("a step that is taken on a screen or by lines is seen in the shell", async () => {
  if (newest === undefined) throw new Error("there is no engine");
  await using served = await ServedBuild.start(newest);
  await using screen = await Terminal.start({ args: ["attach", served.socket] });
  await screen.untilRow(1, /LOADED/);
  await using terminal = await served.shell();
  await terminal.until(/^— BASE of step 1\/8: ADD busybox \/bin\/busybox$/m);
  screen.type("n");
  await screen.untilRow(1, /PAUSED before step 2\/8/);
  await terminal.until(/^— BASE of step 2\/8: /m);
  screen.type("n");
  await screen.untilRow(1, /PAUSED end of stage base/);
  await terminal.until(/^— AFTER of step 2\/8: /m);
  await terminal.until(/AFTER \/ #$/m);
});

test("a screen's shell that holds what a step of another front end needs is ended, and the step runs", async () => {
  if (newest === undefined) throw new Error("there is no engine");
  const id = randomUUID();
  const cache = `--mount=type=cache,id=${id},target=/c,sharing=locked`;
  await using served = await ServedBuild.start(newest, `${BEGINNING}RUN ${cache} echo ${id} > /c/x\n`);
  await served.runTo("RUN --mount");
  await using screen = await Terminal.start({ args: ["attach", served.socket], columns: 140 });
  await screen.untilRow(1, /PAUSED/);
  screen.type("!");
  await screen.until(/BASE \/ #/);
  await served.command("next");
  await screen.until(/shell ended: BASE of step \d holds the cache/);
  await screen.untilRow(1, /PAUSED end of stage/);
});
