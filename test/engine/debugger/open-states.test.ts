/** The owner of shells: who is used, what is kept, and that nothing stays behind. */
import { afterEach, expect, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { isAlive, type OpenState, type ShellPlace } from "../../../src/debugger/shells/open-state.ts";
import { OpenStates } from "../../../src/debugger/shells/open-states.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { StateSide } from "../../../src/engine/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, give, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const Dockerfile = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN --mount=type=cache,target=/c false
`;

let scope = new Scope();
afterEach(async () => {
  await scope[Symbol.asyncDispose]();
  scope = new Scope();
});

/** What a shell has printed. */
interface Printed {
  text: string;
}

interface Opened {
  readonly debugging: Debugging;
  readonly states: OpenStates<Printed>;
  place(side: StateSide): ShellPlace;
}

/** At the failed step, without a shell. */
async function failed(dockerHost: string): Promise<Opened> {
  const debugging = scope.own(await startDebugging(parseAddress(dockerHost), { files: { Dockerfile } }));
  const { debug } = debugging;
  expect(await give(debug, "continue")).toBe("before 4 exception");
  const states = scope.own(
    new OpenStates<Printed>({
      debug,
      start: () => ({ talk: { kind: "lines" }, command: undefined, prompt: true }),
      show: ({ onData }) => {
        const printed = { text: "" };
        onData((chunk) => {
          printed.text += Buffer.from(chunk).toString("latin1");
        });
        return printed;
      },
    }),
  );
  return {
    debugging,
    states,
    place: (side) => {
      const step = programOf(debug.state)?.steps.at(-1);
      if (step === undefined) throw new Error("there is no step");
      return { step, side, steps: 3 };
    },
  };
}

/** Types a line and waits until the shell has printed the text. */
async function typed({ states }: Opened, shell: OpenShell, line: string, printed: string): Promise<void> {
  states.write(shell, Buffer.from(`${line}\n`));
  await expect
    .poll(() => (shell.phase.kind === "alive" ? shell.phase.display.text : shell.phase.kind), {
      timeout: 10_000,
    })
    .toContain(printed);
}

type OpenShell = ReturnType<OpenStates<Printed>["open"]>;

function facts(state: OpenState | undefined): unknown {
  if (state === undefined) return undefined;
  return {
    alive: state.shells.filter(isAlive).length,
    used: state.used,
    files: state.container !== undefined,
  };
}

forEachEngine(({ dockerHost }) => {
  test("a state is used once it got input, keeps its files after an end, and loses both when it is released", async () => {
    const opened = await failed(dockerHost);
    const { debugging, states, place } = opened;
    const { debug } = debugging;
    const first = states.open(place("base"));
    const second = states.open(place("base"));
    await Promise.all([first.settled, second.settled]);
    const state = states.find(2, "base");
    expect(facts(state)).toEqual({ alive: 2, used: false, files: true });
    await typed(opened, first, "echo mine > /mark; echo ma''de", "made\n");
    await typed(opened, second, "cat /mark", "mine\n");
    await states.end(second);
    states.write(first, Buffer.from("exit 3\n"));
    await expect.poll(() => first.phase).toMatchObject({ kind: "ended", code: 3, kept: true });
    expect(facts(state)).toEqual({ alive: 0, used: true, files: true });
    const third = states.open(place("base"), {}, first);
    await third.settled;
    expect(state?.shells).toEqual([third]);
    await typed(opened, third, "cat /mark", "mine\n");
    expect(debug.heldCaches).toHaveLength(1);
    await states.release(states.all);
    expect(debug.heldCaches).toEqual([]);
    expect(states.all).toEqual([]);
    const fresh = states.open(place("base"));
    await fresh.settled;
    expect(facts(states.find(2, "base"))).toEqual({ alive: 1, used: false, files: true });
    await typed(opened, fresh, "ls /mark || echo go''ne", "gone\n");
  });

  test("a shell that is ended while it opens leaves no container, nor does the end of all", async () => {
    const { debugging, states, place } = await failed(dockerHost);
    const { debug } = debugging;
    const given = states.open(place("base"));
    await states.end(given);
    expect(states.all).toEqual([]);
    await given.settled;
    expect(given.phase.kind).toBe("opening");
    expect(debug.heldCaches).toEqual([]);
    await states.open(place("base")).settled;
    states.open(place("base"), { program: ["/bin/sleep", "8888"] });
    await states[Symbol.asyncDispose]();
    expect(debug.heldCaches).toEqual([]);
  });

  test("shells end with the attempt", async () => {
    const { debugging, states, place } = await failed(dockerHost);
    const { debug } = debugging;
    const shell = states.open(place("failed"));
    await shell.settled;
    expect(shell.phase.kind).toBe("alive");
    debug.dispatch({ kind: "rerun", here: true });
    expect(states.all).toEqual([]);
    await debug.rest();
    await states.release([]);
    expect(debug.heldCaches).toEqual([]);
  });
});
