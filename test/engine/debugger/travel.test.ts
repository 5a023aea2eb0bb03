/** The position moves over what has run: no step runs twice, and every state on the way can be looked into. */
import { afterEach, expect, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import type { Debugger } from "../../../src/debugger/debugger.ts";
import { isAlive } from "../../../src/debugger/shells/open-state.ts";
import { OpenStates } from "../../../src/debugger/shells/open-states.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { Progress, StateSide } from "../../../src/engine/engine.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { Program, Step, StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import {
  beginnings,
  type Debugging,
  give,
  outputIn,
  startDebugging,
  where,
} from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const STEPS = 25;
/** The first step that says what no other run of it would say. */
const FIRST = 3;
const TIMEOUT_MS = 120_000;

/** Each step after the second writes a number that is another one each time it runs; step N stands at line N + 1. */
function dockerfile(last: string): string {
  const runs = Array.from({ length: STEPS - FIRST }, (_, index) => {
    const step = index + FIRST;
    return `RUN read id < /proc/sys/kernel/random/uuid; echo "step ${step} $id"; echo $id > /${step}; echo $id > /latest`;
  });
  return [
    "FROM scratch",
    "ADD busybox /bin/busybox",
    'RUN ["/bin/busybox","--install","-s","/bin"]',
    ...runs,
    `RUN ${last}`,
    "",
  ].join("\n");
}

/** What each step printed, in order. */
function printed(events: readonly Progress[]): readonly (readonly [step: number, id: string])[] {
  const output = events.flatMap((event) => (event.kind === "log" ? [Buffer.from(event.data)] : []));
  const lines = Buffer.concat(output)
    .toString()
    .matchAll(/^step (\d+) (\S+)$/gm);
  return [...lines].map(([, step, id = ""]) => [Number(step), id]);
}

let scope = new Scope();
afterEach(async () => {
  await scope[Symbol.asyncDispose]();
  scope = new Scope();
});

async function launched(address: ReturnType<typeof parseAddress>, last: string): Promise<Debugging> {
  const files = { Dockerfile: dockerfile(last) };
  return scope.own(await startDebugging(address, { files, unique: true }, { noCache: true }));
}

function programIn(debug: Debugger): Program {
  const program = programOf(debug.state);
  if (program === undefined) throw new Error(where(debug.state));
  return program;
}

function stepOf(debug: Debugger, number: number): Step {
  const step = programIn(debug).steps[number - 1];
  if (step === undefined) throw new Error(`there is no step ${number}`);
  return step;
}

async function several(
  debug: Debugger,
  times: number,
  kind: Parameters<typeof give>[1],
): Promise<readonly string[]> {
  const places: string[] = [];
  for (let count = 0; count < times; count++) places.push(await give(debug, kind));
  return places;
}

/** Of a file of a state, as it is read without a process. */
async function content(debug: Debugger, step: number, side: StateSide, path: string): Promise<string> {
  const part = await debug.readFile((step - 1) as StepId, side, {
    path,
    offset: 0,
    length: 100,
    signal: AbortSignal.timeout(30_000),
  });
  return Buffer.from(part.bytes).toString().trim();
}

function placesDown(from: number, to: number): readonly string[] {
  return Array.from({ length: from - to + 1 }, (_, index) => `before ${from - index} travel`);
}

function placesUp(from: number, to: number): readonly string[] {
  return placesDown(to, from).toReversed();
}

forEachEngine(({ dockerHost, kind }) => {
  test(
    "back from a failure over 20 steps, into their states, and on again to the failure with its shell: nothing runs twice",
    async () => {
      const { debug, events } = await launched(parseAddress(dockerHost, kind), "exit 3");
      expect(await give(debug, "continue")).toBe("before 26 exception");
      const ids = new Map(printed(events));
      expect(ids.size).toBe(STEPS - FIRST);

      const states = scope.own(
        new OpenStates<{ text: string }>({
          debug,
          start: () => ({ talk: { kind: "lines" }, command: undefined, prompt: false }),
          show: ({ onData }) => {
            const shown = { text: "" };
            onData((chunk) => {
              shown.text += Buffer.from(chunk).toString("latin1");
            });
            return shown;
          },
        }),
      );
      const shell = states.open({ step: stepOf(debug, STEPS), side: "failed", steps: STEPS });
      const said = (): string => (shell.phase.kind === "alive" ? shell.phase.display.text : shell.phase.kind);
      await expect.poll(() => shell.phase.kind, { timeout: 30_000 }).toBe("alive");
      states.write(shell, Buffer.from("kept=$$; echo first $((6*7))\n"));
      await expect.poll(said, { timeout: 10_000 }).toContain("first 42");

      expect(await several(debug, 20, "back")).toEqual(placesDown(25, 6));
      // Step 5 is stood at: what it found, what it made, and a shell in each.
      expect(debug.states(4 as StepId)).toEqual(["after", "base"]);
      expect(await content(debug, 5, "after", "/latest")).toBe(ids.get(5));
      expect(await content(debug, 5, "base", "/latest")).toBe(ids.get(4));
      const after = await outputIn(debug, 5, "after", "cat /5; test -e /6 || echo not yet");
      expect(after.split(/\s*\n/)).toEqual([ids.get(5), "not yet", ""]);
      const base = await outputIn(debug, 5, "base", "cat /4; test -e /5 || echo not yet");
      expect(base.split(/\s*\n/)).toEqual([ids.get(4), "not yet", ""]);
      const { changes } = await debug.changes(4 as StepId, "after", { signal: AbortSignal.timeout(30_000) });
      expect(changes.map(({ kind: change, path }) => `${change} ${path}`)).toEqual([
        "added /5",
        "changed /latest",
      ]);
      // Which step made the file is looked up in the states, without running any.
      debug.dispatch({ kind: "goto", line: lineOf(26) });
      expect(where(debug.state)).toBe("before 26 exception");
      debug.dispatch({ kind: "add-breakpoint", spec: { kind: "data", path: "/11", change: "made" } });
      expect(await give(debug, "reverse-continue")).toBe("before 12 breakpoint");
      const made = debug.state.breakpoints[0];
      expect([made?.hits, made?.enabled]).toEqual([0, true]);
      debug.dispatch({ kind: "remove-breakpoint", id: made?.id ?? 0 });
      debug.dispatch({ kind: "goto", line: lineOf(20) });
      expect(where(debug.state)).toBe("before 20 travel");
      expect(await outputIn(debug, 19, "after", "cat /latest")).toContain(ids.get(19));
      expect(await give(debug, "reverse-continue")).toBe("before 2 travel");

      expect(await several(debug, STEPS - 1, "next")).toEqual([...placesUp(3, 25), "before 26 exception"]);
      // It is the shell that was opened before, in the state that the failed step left.
      expect(isAlive(shell)).toBe(true);
      states.write(shell, Buffer.from('test "$kept" = $$ && echo again same; cat /latest\n'));
      await expect.poll(said, { timeout: 10_000 }).toContain("again same");
      await expect.poll(said, { timeout: 10_000 }).toContain(ids.get(24));

      expect(printed(events)).toEqual([...ids]);
      const once = programIn(debug).steps.map(() => 1);
      expect(beginnings(programIn(debug), events)).toEqual(once);
    },
    TIMEOUT_MS,
  );

  test(
    "on again from 20 steps back runs what is left, once; from the finished build back and on too",
    async () => {
      const { debug, events } = await launched(parseAddress(dockerHost, kind), "cat /latest");
      debug.dispatch({ kind: "run-to", line: lineOf(24) });
      expect(where(await debug.rest())).toBe("before 24 cursor");
      expect(printed(events)).toHaveLength(20);
      expect(await several(debug, 20, "back")).toEqual(placesDown(23, 4));
      debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(12) } });
      expect(await several(debug, 3, "continue")).toEqual([
        "before 12 breakpoint",
        "before 24 cursor",
        "finished",
      ]);
      const ids = printed(events);
      expect(ids.map(([step]) => step)).toEqual(Array.from({ length: STEPS - FIRST }, (_, n) => n + FIRST));

      expect(await several(debug, 2, "back")).toEqual(placesDown(26, 25));
      expect(await content(debug, 24, "after", "/latest")).toBe(ids.at(-1)?.[1]);
      expect(await several(debug, 2, "next")).toEqual(["before 26 travel", "finished"]);
      expect(await give(debug, "reverse-continue")).toBe("before 12 breakpoint");
      expect(debug.state.breakpoints[0]?.hits).toBe(0);
      expect(await give(debug, "continue")).toBe("finished");
      expect(printed(events)).toEqual(ids);
      expect(beginnings(programIn(debug), events)).toEqual(programIn(debug).steps.map(() => 1));
    },
    TIMEOUT_MS,
  );
});
