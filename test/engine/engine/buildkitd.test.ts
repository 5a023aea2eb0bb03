import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { lineOf } from "../../../src/graph/graph.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { give, outputIn, startDebugging, where } from "../../support/debugging.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { fixtureAt } from "../../support/fixtures.ts";
import { relayToBuildkit } from "../../support/relay.ts";

const fixture = fixtureAt("fx");

forEachEngine((engine) => {
  test("a buildkitd, its session in a call of Control.Session, is stepped and looked into", async () => {
    await using relay = await relayToBuildkit(engine);
    await using bench = await startDebugging(relay.address, { fixture }, { noCache: true });
    const { debug } = bench;
    expect(debug.engine.kind).toBe("buildkitd");
    expect(await give(debug, "next")).toBe("before 3 step");
    expect(await give(debug, "continue")).toBe("before 10 exception");
    expect(await outputIn(debug, 7, "base", "pwd; cat *")).toBe("/app\none\n");
    if (engine.keepsFailedState) expect(await outputIn(debug, 7, "failed", "cat *")).toBe("one\ntwo\njunk\n");
  });

  test("losing the engine ends the build at rest, with the breakpoints kept and shells told", async () => {
    await using relay = await relayToBuildkit(engine);
    await using bench = await startDebugging(relay.address, { fixture });
    const { debug } = bench;
    debug.dispatch({ kind: "add-breakpoint", spec: { kind: "line", line: lineOf(9) } });
    expect(await give(debug, "continue")).toBe("before 9 breakpoint");
    const [step] = "execution" in debug.state.phase ? debug.state.phase.execution.program.steps : [];
    if (step === undefined) throw new Error(where(debug.state));
    const signal = AbortSignal.timeout(20_000);
    const container = await debug.container(step.id, "after", { signal });
    const shell = await container.start(
      { args: ["/bin/busybox", "sh"], env: [], terminal: undefined },
      { signal },
    );
    relay.cut();
    await expect(shell.exited).rejects.toMatchObject({ code: "engine-unreachable" });
    const { phase, breakpoints } = debug.state;
    expect(phase).toMatchObject({ kind: "lost", error: { code: "engine-unreachable" } });
    expect(breakpoints.map(({ spec }) => spec)).toEqual([{ kind: "line", line: 9 }]);
    await container[Symbol.asyncDispose]();
  });

  test("a question beside a build makes no new connection: the one there is belongs to the build", async () => {
    await using relay = await relayToBuildkit(engine);
    const { signal } = new AbortController();
    await using context = await busyboxContext({ files: { Dockerfile: "FROM scratch\n" } });
    let relocated = 0;
    const relocate = async () => {
      relocated += 1;
      return { address: relay.address, origin: "test" };
    };
    const options = { signal, origin: "test", env: {}, relocate };
    await using buildkit = await BuildkitEngine.connect(relay.address, options);
    const dockerfile = join(context.path, "Dockerfile");
    const request = { ...REQUEST, source: fromDockerfile(context.path, dockerfile) };
    const text = "FROM scratch\nCOPY --link a b\n";
    const ask = () => buildkit.knownFlags(request, { text, keyword: "COPY", flags: ["chown"] }, { signal });
    await using build = await buildkit.open(request, { signal, onProgress: () => undefined });
    expect(await ask()).toEqual(["chown"]);
    const lost = once(build.lost, "abort");
    relay.cut();
    await lost;
    // The end of the session may be known before that of the connection.
    for (let asked = 0; asked < 2; asked += 1)
      await expect(ask()).rejects.toMatchObject({ code: "engine-unreachable" });
    expect(relocated).toBe(0);
  });

  test("an engine lost in the middle of a step is told as lost, not as a failing step", async () => {
    await using relay = await relayToBuildkit(engine);
    const Dockerfile = 'FROM scratch\nADD busybox /bin/busybox\nRUN ["/bin/busybox","sleep","77"]\n';
    await using bench = await startDebugging(relay.address, { files: { Dockerfile } }, { noCache: true });
    const { debug, events } = bench;
    debug.dispatch({ kind: "continue" });
    await new Promise<void>((resolve) => {
      const unsubscribe = debug.progress.subscribe(() => {
        const started = events.some(
          (event) => event.kind === "vertex" && /sleep/.test(event.name) && event.startedMs,
        );
        if (!started) return;
        unsubscribe();
        resolve();
      });
    });
    relay.cut();
    expect(where(await debug.rest())).toBe("lost");
  });
});
