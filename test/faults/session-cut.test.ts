import { expect, test, vi } from "vitest";
import { programOf, runningSteps } from "../../src/debugger/state/inspect.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { type Debugging, startDebugging, where } from "../support/debugging.ts";
import { forEachEngine } from "../support/engines.ts";
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
});
