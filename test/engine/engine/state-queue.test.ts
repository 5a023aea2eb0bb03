/** What an engine is asked about its states, and when: docs/adr/0020. */
import { expect, test, vi } from "vitest";
import { StateQueue } from "../../../src/engine/buildkit/state-queue.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { Channel } from "../../../src/transport/channel.ts";
import { type Debugging, give, outputIn, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";
import { QuestionTap } from "../../support/question-tap.ts";

const { signal } = new AbortController();

const FILES = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN for i in $(seq 12); do mkdir -p /d/$i/a; echo $i > /d/$i/a/f; done; mkdir /big; cd /big; seq 4000 | xargs touch
RUN for i in $(seq 12); do echo y > /d/$i/a/new; done; echo same > /d/1/a/f
RUN exit 3
`;
const STEP = 3 as StepId;
const CHANGED = ["~ /d/1/a/f", ...Array.from({ length: 12 }, (_, i) => `+ /d/${i + 1}/a/new`)].sort();

forEachEngine((engine) => {
  async function stopped(): Promise<Debugging> {
    const bench = await startDebugging(parseAddress(engine.dockerHost), {
      files: { Dockerfile: FILES },
      unique: true,
    });
    await give(bench.debug, "continue");
    return bench;
  }

  async function changed({ debug }: Debugging): Promise<readonly string[]> {
    const { changes, problems } = await debug.changes(STEP, "after", { signal });
    expect(problems).toEqual([]);
    return changes
      .filter(({ after }) => after?.kind === "file")
      .map(({ kind, path }) => `${kind === "added" ? "+" : "~"} ${path}`)
      .sort();
  }

  test("asked much at once, the engine has one question about a state at a time, and some about several", async () => {
    await using bench = await stopped();
    const { debug } = bench;
    using tap = new QuestionTap();
    const listed = Array.from({ length: 48 }, async (_, i) => {
      const path = `/d/${(i % 12) + 1}/a`;
      return (await debug.files(STEP, i % 2 === 0 ? "after" : "base", { path, signal })).length;
    });
    const [walks, lists, text, output] = await Promise.all([
      Promise.all([changed(bench), changed(bench), changed(bench)]),
      Promise.all(listed),
      debug.readFile(STEP, "after", { path: "/d/1/a/f", offset: 0, length: 100, signal }),
      outputIn(debug, STEP + 1, "after", "cat /d/2/a/new"),
    ]);
    expect(walks).toEqual([CHANGED, CHANGED, CHANGED]);
    expect(lists).toEqual(Array.from({ length: 48 }, (_, i) => (i % 2 === 0 ? 2 : 1)));
    expect(Buffer.from(text.bytes).toString()).toBe("same\n");
    expect(output).toBe("y\n");
    expect(tap.mostPerState).toBe(1);
    expect(tap.mostTogether).toBeGreaterThan(1);
    expect(tap.mostTogether).toBeLessThan(6);
  });

  test("who gives up is told at once, and the next question waits until the engine is done with the one before", async () => {
    await using bench = await stopped();
    const { debug } = bench;
    await debug.files(STEP, "after", { path: "/", signal });
    using tap = new QuestionTap();
    const stop = new AbortController();
    const given = debug.files(STEP, "after", { path: "/big", signal: stop.signal });
    await vi.waitFor(() => expect(tap.open.size).toBe(1), { interval: 1 });
    stop.abort();
    await expect(given).rejects.toMatchObject({ code: "cancelled" });
    expect(tap.open.size).toBe(1);
    expect(await debug.files(STEP, "after", { path: "/d/3/a", signal })).toHaveLength(2);
    expect(tap.questions.map(({ path }) => path)).toEqual(["/big", "/d/3/a"]);
    expect(tap.mostPerState).toBe(1);
    expect(tap.cancelled).toBe(0);
  });

  test("a walk keeps nobody from a single look", async () => {
    await using bench = await stopped();
    const { debug } = bench;
    using tap = new QuestionTap();
    const walk = changed(bench);
    let isWalking = true;
    void walk.finally(() => {
      isWalking = false;
    });
    const waits: number[] = [];
    while (isWalking) {
      const from = tap.questions.length;
      await debug.files(STEP, "after", { path: "/d/./1", signal });
      waits.push(tap.questions.slice(from).findIndex(({ path }) => path === "/d/./1"));
    }
    // Of each state the walk has a single question before it.
    expect(Math.max(...waits)).toBeLessThan(5);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
    expect(await walk).toEqual(CHANGED);
  });

  test("a step that mounts another state begins when nobody asks about that one, and then goes first", async () => {
    const Dockerfile = `FROM scratch AS src
COPY busybox /bin/busybox
RUN ["/bin/busybox","mkdir","-p","/d/a"]
FROM scratch
COPY --from=src /bin/busybox /bin/busybox
COPY --from=src /d /d
`;
    await using bench = await startDebugging(parseAddress(engine.dockerHost), {
      files: { Dockerfile },
      unique: true,
    });
    const { debug } = bench;
    debug.dispatch({ kind: "run-to", line: lineOf(6) });
    await debug.rest();
    const source = 1 as StepId;
    const look = () => debug.files(source, "after", { path: "/d", signal });
    await look();
    using tap = new QuestionTap();
    const other = debug.files(2 as StepId, "after", { path: "/bin", signal });
    const looks: Promise<unknown>[] = [look(), look()];
    debug.dispatch({ kind: "next" });
    looks.push(look(), look());
    await debug.rest();
    await Promise.all([...looks, other]);
    const ref = tap.questions.find(({ path }) => path === "/d")?.refs[0] ?? "";
    const [copy] = tap.solves;
    expect(copy?.beside.filter(({ refs }) => refs.includes(ref))).toEqual([]);
    expect(tap.questions.filter(({ path }) => path === "/d")).toHaveLength(4);
    expect((await debug.files(3 as StepId, "after", { path: "/d", signal })).map(({ name }) => name)).toEqual(
      ["a"],
    );
  });

  test("what only says that the engine was disturbed is no answer: it is asked again, and told when that does not help", async () => {
    await using bench = await stopped();
    const look = (path: string) => bench.debug.files(STEP, "after", { path, signal });
    const expected = await look("/d/1/a");
    using tap = new QuestionTap();
    const disturbances = [
      "flightcontrol: exceeded retry timeout",
      "context canceled",
      "failed to stat: context deadline exceeded",
    ];
    for (const words of disturbances) tap.disturb(words);
    expect(await look("/d/1/a")).toEqual(expected);
    expect(tap.questions).toHaveLength(disturbances.length + 1);
    for (const words of [...disturbances, "context canceled"]) tap.disturb(words);
    await expect(look("/d/1/a")).rejects.toMatchObject({
      code: "engine",
      message: "the engine did not say what is at /d/1/a: context canceled",
    });
    expect(await look("/d/1/a")).toEqual(expected);
    // Of a place that is not in the state the kernel's words are no answer either.
    const lost = "stat /var/lib/docker/overlay2/x: no such file or directory";
    tap.disturb(lost);
    await expect(look("/d/1/a")).rejects.toMatchObject({ code: "engine", message: lost });
    await expect(look("/none")).rejects.toMatchObject({ code: "not-found" });
  });

  test("a question that the engine does not finish is ended, and blocks nothing for good", async () => {
    await using channel = await Channel.open(parseAddress(engine.dockerHost), { signal });
    await using queue = new StateQueue(channel);
    const stop = new AbortController();
    let told = false;
    const endless = queue.ask(
      "state",
      (asking) => {
        stop.abort();
        return new Promise<never>((_, reject) => {
          asking.signal.addEventListener("abort", () => {
            told = true;
            reject(new Error("told to stop"));
          });
        });
      },
      { signal: stop.signal },
    );
    await expect(endless).rejects.toMatchObject({ code: "cancelled" });
    expect(told).toBe(false);
    expect(await queue.ask("other", async () => "at once", { signal })).toBe("at once");
    expect(told).toBe(false);
    expect(await queue.ask("state", async () => "then", { signal })).toBe("then");
    expect(told).toBe(true);
  });
});
