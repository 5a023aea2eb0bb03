/** An export of a state that cannot end: the state stays, nothing half stays, and the message says what to do. */
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test, vi } from "vitest";
import { toBktuiError } from "../../src/base/errors.ts";
import type { OutputSpec } from "../../src/engine/outputs.ts";
import type { StepId } from "../../src/graph/program.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { type Debugging, give, startDebugging, where } from "../support/debugging.ts";
import { serveInEngine } from "../support/engine-network.ts";
import { testEngines } from "../support/engines.ts";
import { OwnEngine } from "../support/own-engine.ts";
import { wireTo } from "../support/wire.ts";

const WITHIN = { timeout: 20_000, interval: 5 };
const MIB = 1024 * 1024;
/** What the failed step leaves is more than the disk holds, and more than one write. */
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN dd if=/dev/urandom of=/big bs=1M count=32 2>/dev/null; : ${randomUUID()}; exit 7
`;
const STEP = 2 as StepId;
const mounts = process.getuid?.() === 0;

/** Takes whatever is sent, and hangs up when the first blob comes. */
const DYING_REGISTRY = `
  require("node:http").createServer((request, response) => {
    if (request.method === "HEAD") return response.writeHead(404).end();
    if (request.method === "GET") return response.writeHead(200).end("{}");
    if (request.method === "POST") return response.writeHead(202, { location: "/v2/x/blobs/uploads/1" }).end();
    request.once("data", () => process.exit());
  }).listen(Number(process.argv[1]), "127.0.0.1");
`;

const [engine] = testEngines();
if (engine === undefined) throw new Error("no engine");

async function failed(dockerHost: string): Promise<Debugging> {
  const files = { Dockerfile: DOCKERFILE };
  const bench = await startDebugging(parseAddress(dockerHost, engine?.kind), { files });
  expect(await give(bench.debug, "continue")).toBe("before 4 exception");
  return bench;
}

async function exportTo(
  { debug }: Debugging,
  output: Partial<OutputSpec> & { readonly type: string },
): Promise<void> {
  const side = debug.states(STEP).includes("failed") ? "failed" : "base";
  const outputs = [{ attributes: {}, dest: undefined, ...output }];
  const { signal } = new AbortController();
  await debug.exportState(STEP, side, { outputs, open: undefined, onProgress: () => undefined, signal });
}

/** What it says: the message, and what to do. */
async function refused(exporting: Promise<void>): Promise<string> {
  const error = await exporting.then(
    () => undefined,
    (reason: unknown) => toBktuiError(reason),
  );
  expect(error?.code).not.toBe("internal");
  return `${error?.message}\n${error?.hint}`;
}

/** The state is where it was, and goes where there is room. */
async function canBeExported(bench: Debugging, directory: string): Promise<void> {
  expect(where(bench.debug.state)).toBe("before 4 exception");
  const dest = join(directory, "whole.tar");
  await exportTo(bench, { type: "tar", dest });
  expect(execFileSync("tar", ["-tf", dest], { encoding: "utf8" })).toMatch(/^(\.\/)?big$/m);
  expect(readdirSync(directory)).toEqual(["whole.tar"]);
  rmSync(dest);
}

function place(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "bktui-lost-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

test.runIf(mounts)("a full disk on this side (needs root to make one)", async () => {
  using small = place();
  using room = place();
  await using bench = await failed(engine.dockerHost);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${8 * MIB}`, "bktui", small.path]);
  try {
    for (const type of ["tar", "docker", "local"]) {
      const said = await refused(exportTo(bench, { type, dest: join(small.path, "out") }));
      expect(said, type).toMatch(
        /^cannot write \S+\/out.*: no space left on the device\nmake room there, or name a place elsewhere$/,
      );
      expect(readdirSync(small.path), type).toEqual([]);
    }
  } finally {
    execFileSync("umount", [small.path]);
  }
  await canBeExported(bench, room.path);
});

test.runIf(inject("privateSuite") !== undefined)("a registry that dies in the middle", async () => {
  using room = place();
  // Where docker pushes by itself it tries five times, and waits longer before each.
  const daemonJson = { features: { "containerd-snapshotter": true } };
  await using own = await OwnEngine.start(undefined, { daemonJson });
  await using bench = await failed(own.engine.dockerHost);
  const command = (port: number): readonly string[] => [process.execPath, "-e", DYING_REGISTRY, String(port)];
  await using registry = await serveInEngine(own.engine, command);
  const name = `${registry.host}/x:1`;
  const said = await refused(exportTo(bench, { type: "registry", attributes: { name } }));
  expect(said).toContain(registry.host);
  await canBeExported(bench, room.path);
});

test("a connection that is lost in the middle", async () => {
  using room = place();
  await using wire = await wireTo(engine);
  await using bench = await failed(wire.engine.dockerHost);
  const said = refused(exportTo(bench, { type: "tar", dest: join(room.path, "out.tar") }));
  const sizes = (): readonly number[] =>
    readdirSync(room.path).map((name) => statSync(join(room.path, name)).size);
  await vi.waitFor(() => expect(Math.max(0, ...sizes())).toBeGreaterThan(0), WITHIN);
  wire.cut("calls");
  wire.cut("session");
  expect(await said).toMatch(/connection.*\nthe engine's states and shells are gone; breakpoints are kept$/s);
  await vi.waitFor(() => expect(readdirSync(room.path)).toEqual([]), WITHIN);
  expect(bench.debug.state.phase.kind).toBe("lost");
  // The engine has kept what had run: the failed step alone runs again.
  bench.debug.dispatch({ kind: "rerun", here: true });
  await bench.debug.rest();
  await give(bench.debug, "continue");
  await canBeExported(bench, room.path);
});
