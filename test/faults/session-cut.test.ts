import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { programOf, runningSteps } from "../../src/debugger/state/inspect.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { REQUEST } from "../support/debug-driver.ts";
import { type Debugging, startDebugging, where } from "../support/debugging.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { type Wire, wireTo } from "../support/wire.ts";

const WITHIN = { timeout: 20_000, interval: 50 };
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sleep", "1"]
RUN --mount=type=secret,id=token ["/bin/busybox", "cat", "/run/secrets/token"]
COPY Dockerfile /Dockerfile
`;

function debugThrough(wire: Wire): Promise<Debugging> {
  const secrets = [{ id: "token", from: { kind: "file", path: import.meta.filename } }] as const;
  const project = { files: { Dockerfile: DOCKERFILE } };
  return startDebugging(parseAddress(wire.engine.dockerHost), project, { secrets, noCache: true });
}

forEachEngine((engine) => {
  /** Named contexts came with BuildKit 0.10. */
  const knowsContexts = engine.version?.startsWith("20.") !== true;

  test("R05 · a build whose session is cut in the middle of a step gets its secret all the same", async () => {
    await using wire = await wireTo(engine);
    await using bench = await debugThrough(wire);
    const { debug } = bench;
    debug.dispatch({ kind: "continue" });
    await vi.waitFor(() => {
      const program = programOf(debug.state);
      expect(program && runningSteps(program, debug.progress).map(({ start }) => start)).toContain(3);
    }, WITHIN);
    wire.cut("session");
    expect(where(await debug.rest())).toBe("finished");
  });

  test("R05 · a build whose session is away while a step wants its files goes on when it is back", async () => {
    await using wire = await wireTo(engine);
    await using bench = await debugThrough(wire);
    const { debug } = bench;
    wire.admit("session", false);
    wire.cut("session");
    debug.dispatch({ kind: "next" });
    await vi.waitFor(() => expect(wire.opened("session")).toBeGreaterThan(2), WITHIN);
    wire.admit("session", true);
    expect(where(await debug.rest())).toBe("before 3 step");
  });

  test.runIf(knowsContexts)(
    "R05 · a linked target whose session is away while a step wants its files goes on when it is back",
    async () => {
      await using wire = await wireTo(engine);
      await using base = await busyboxContext({
        files: { Dockerfile: "FROM scratch\nCOPY busybox /bin/busybox\n" },
      });
      const linked = { ...REQUEST, source: fromDockerfile(base.path, join(base.path, "Dockerfile")) };
      await using bench = await startDebugging(
        parseAddress(wire.engine.dockerHost),
        { files: { Dockerfile: "FROM base\nCOPY Dockerfile /Dockerfile\n" } },
        {
          contexts: [{ name: "base", from: { kind: "reference", text: "target:base" } }],
          linked: [{ name: "base", request: { ...linked, noCache: true } }],
          noCache: true,
        },
      );
      const { debug } = bench;
      // The build's own session stays.
      wire.admit("session", false);
      wire.cut("session", 1);
      debug.dispatch({ kind: "continue" });
      await vi.waitFor(() => expect(wire.opened("session")).toBeGreaterThan(3), WITHIN);
      wire.admit("session", true);
      expect(where(await debug.rest())).toBe("finished");
    },
  );
});
