/** Rules of breakpoints on real engines: what they look up, where they stop, what log points say. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { BreakpointOrder } from "../../../src/debugger/breakpoint.ts";
import { parseOrder } from "../../../src/debugger/breakpoints/break-order.ts";
import { parseCatches } from "../../../src/debugger/breakpoints/catches.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, outputIn, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import { relayToBuildkit } from "../../support/relay.ts";

const START =
  'FROM scratch AS base\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

function order(text: string): BreakpointOrder {
  const typed = parseOrder(text);
  if (!("spec" in typed)) throw new Error(`${text} is no breakpoint`);
  return typed;
}

function setBreaks({ debug }: Debugging, ...texts: readonly string[]): void {
  for (const text of texts) debug.dispatch({ kind: "add-breakpoint", ...order(text) });
}

/** Where it stops each time that it goes on, until it is over. */
async function stopsOf({ debug }: Debugging): Promise<readonly string[]> {
  const stops: string[] = [];
  for (let count = 0; count < 20; count++) {
    const stop = await give(debug, "continue");
    stops.push(stop);
    if (!/ (breakpoint|step)$/.test(stop)) break;
  }
  return stops;
}

async function rerun({ debug }: Debugging): Promise<void> {
  debug.dispatch({ kind: "rerun", here: false });
  await debug.rest();
}

function said({ debug }: Debugging): readonly string[] {
  return debug.state.said.map(({ text }) => text);
}

forEachEngine((engine) => {
  const address = parseAddress(engine.dockerHost, engine.kind);
  const open = (Dockerfile: string): Promise<Debugging> =>
    startDebugging(address, { files: { Dockerfile: START + Dockerfile }, unique: true });

  test("a condition over the environment stops in the one of three stages where it holds, also before a COPY", async () => {
    const text = [
      "FROM base AS one",
      "ENV CI=0",
      "RUN echo one > /one",
      "FROM base AS two",
      "ENV CI=1",
      "RUN echo two > /two",
      "COPY Dockerfile /three",
      "FROM base",
      "COPY --from=one /one /",
      "COPY --from=two /two /three /",
      "RUN cat /one /two",
    ];
    await using bench = await open(text.join("\n"));
    setBreaks(bench, "RUN if ENV.CI == 1", 'COPY if ENV.CI == "1" && directory == "/"');
    expect(await stopsOf(bench)).toEqual(["before 9 breakpoint", "before 10 breakpoint", "finished"]);
  });

  test("arguments, user, directory and platform are those of the place, of a COPY those that its commands would get", async () => {
    const text = [
      "ARG GLOBAL=7",
      "FROM base",
      "ARG MODE=slow",
      "ARG OTHER=kept",
      "USER 1000:1000",
      "WORKDIR /made",
      "RUN true",
      "COPY Dockerfile /made/",
    ];
    const Dockerfile = `${text[0]}\n${START}${text.slice(1).join("\n")}`;
    const buildArgs = { MODE: "fast", UNDECLARED: "given" };
    await using bench = await startDebugging(address, { files: { Dockerfile }, unique: true }, { buildArgs });
    const facts = "{ARG.MODE} {OTHER} {ARG.GLOBAL} {ARG.UNDECLARED} {user} {directory} {platform}";
    setBreaks(bench, `10 text ${facts}`, `11 text ${facts}`);
    expect(await stopsOf(bench)).toEqual(["finished"]);
    const seen = "fast kept 7 given 1000:1000 /made linux/";
    expect(said(bench).map((each) => each.startsWith(seen) || each)).toEqual([true, true]);
  });

  test("hits are counted from 1, and a log point says what is in a file and what came of the step", async () => {
    const text = ["RUN echo one > /name", "RUN echo two > /name", "RUN echo three > /name"];
    await using bench = await open(text.join("\n"));
    setBreaks(
      bench,
      "/echo/ hits >= 2",
      '/name/:after text {line}: {exitCode} {cached} {file("/name")}',
      '4 text {exists("/name")} {file("/none")}.',
    );
    expect(await stopsOf(bench)).toEqual(["before 5 breakpoint", "before 6 breakpoint", "finished"]);
    expect(said(bench)).toEqual(["false .", "4: 0 false one\n", "5: 0 false two\n", "6: 0 false three\n"]);
  });

  test("R40 · what cannot be read as a file is none, and a pipe is not waited for", async () => {
    await using bench = await open("RUN mkfifo /pipe && mkdir /dir\nRUN true\n");
    setBreaks(
      bench,
      '5 text {file("/pipe")}|{file("/dir")}|{exists("/pipe")}|{exists("/dir")}|{file("/bin/none/x")}',
    );
    expect(await stopsOf(bench)).toEqual(["finished"]);
    expect(said(bench)).toEqual(["||true|true|"]);
  });

  test("a path is watched over the steps: made, changed with the same size, in a directory, removed, by content", async () => {
    const text = [
      "RUN mkdir /app && echo one > /app/name",
      "RUN touch /other",
      "RUN echo two > /app/name",
      "RUN echo two > /app/name",
      "RUN mkdir /app/in && echo x > /app/in/x",
      "RUN echo y > /app/in/x",
      "COPY Dockerfile /app/name",
      "RUN rm /app/name",
      "RUN rm -r /app",
    ];
    await using bench = await open(text.join("\n"));
    setBreaks(bench, "data:/app/name");
    expect(await stopsOf(bench)).toEqual([
      "before 5 breakpoint",
      "before 7 breakpoint",
      "before 11 breakpoint",
      "before 12 breakpoint",
      "finished",
    ]);
    const again = async (place: string): Promise<readonly string[]> => {
      for (const { id } of bench.debug.state.breakpoints)
        bench.debug.dispatch({ kind: "remove-breakpoint", id });
      setBreaks(bench, place);
      await rerun(bench);
      return await stopsOf(bench);
    };
    expect(await again("data:/app/name made")).toEqual(["before 5 breakpoint", "finished"]);
    expect(await again("data:/app/name removed")).toEqual(["before 12 breakpoint", "finished"]);
    expect(await again("data:/app changed")).toEqual([
      "before 7 breakpoint",
      "before 9 breakpoint",
      "before 10 breakpoint",
      "before 11 breakpoint",
      "before 12 breakpoint",
      "finished",
    ]);
    expect(await again("data:/app/name matches /^two/")).toEqual(["before 7 breakpoint", "finished"]);
    expect(await again("data:/app if stage == 'nowhere'")).toEqual(["finished"]);
  });

  test("the first miss of the second run is where the cache ends", async () => {
    await using bench = await open("COPY name /name\nRUN cat /name\nRUN echo more\n");
    await writeFile(join(bench.context.path, "name"), "one\n");
    await rerun(bench);
    expect(await give(bench.debug, "continue")).toBe("finished");
    setBreaks(bench, "first-miss");
    await writeFile(join(bench.context.path, "name"), "two\n");
    await rerun(bench);
    expect(await stopsOf(bench)).toEqual(["before 5 breakpoint", "finished"]);
  });

  test("a failure stops where a filter takes it, else the build stands failed and can be looked at", async () => {
    await using bench = await open("RUN echo left > /left; exit 137\n");
    const { debug } = bench;
    const failedUnder = async (filters: string): Promise<string | undefined> => {
      debug.dispatch({ kind: "catch", filters: parseCatches(filters) });
      await rerun(bench);
      expect(await give(debug, "continue")).toBe("before 4 exception");
      const { phase } = debug.state;
      return phase.kind === "paused" && phase.reason.kind === "exception"
        ? phase.reason.uncaught?.why
        : "it stands elsewhere";
    };
    expect(await failedUnder("run if exitCode == 137")).toBeUndefined();
    expect(await failedUnder("run if exitCode == 1, source")).toContain("exitCode is 137");
    if (engine.keepsFailedState) expect(await outputIn(debug, 3, "failed", "cat /left")).toBe("left\n");
    setBreaks(bench, "4 if exitCode > 100");
    expect(await failedUnder("none")).toBeUndefined();
  });

  /** Once, while the rule of a breakpoint is looked up. */
  const whileAsking = ({ debug }: Debugging, act: () => void): void => {
    const end = debug.subscribe(() => {
      if (debug.state.phase.kind !== "running" || debug.state.phase.asking === undefined) return;
      end();
      act();
    });
  };

  test("R40 · who asks an engine that is lost is told that it is, and who pauses meanwhile stands there", async () => {
    await using relay = await relayToBuildkit(engine);
    const files = { Dockerfile: `${START}RUN echo one > /name\nRUN echo two > /name\n` };
    await using bench = await startDebugging(relay.address, { files, unique: true });
    setBreaks(bench, "data:/name made");
    whileAsking(bench, () => bench.debug.dispatch({ kind: "pause", running: [] }));
    expect(await give(bench.debug, "continue")).toMatch(/^(?:before|end) \d pause$/);
    whileAsking(bench, relay.cut);
    expect(await give(bench.debug, "continue")).toBe("lost");
    expect(bench.debug.state.breakpoints).toMatchObject([{ bound: { kind: "pending" }, enabled: true }]);
  });
});
