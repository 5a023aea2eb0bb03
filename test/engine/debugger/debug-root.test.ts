/** States of images without a shell, looked at with programs from outside. */
import { expect, test } from "vitest";
import { openShell } from "../../../src/debugger/shells/open-shell.ts";
import { programOf } from "../../../src/debugger/state/inspect.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";
import type { Container } from "../../../src/engine/engine.ts";
import type { StepId } from "../../../src/graph/program.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { type Debugging, debugRoot, give, startDebugging } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const signal = AbortSignal.timeout(120_000);

/** Step 3 leaves a file and fails; its directory, user and mounts are those of an ordinary image. */
const NO_SHELL = `FROM scratch
COPY busybox /opt/busybox
WORKDIR /src
ENV COLOUR=red PATH=/nowhere
USER 1000:1000
RUN --mount=type=secret,id=word --mount=type=cache,target=/cache \\
  ["/opt/busybox", "sh", "-c", "echo part > /tmp/partial; exit 3"]
`.replace("WORKDIR", "COPY --chown=1000:1000 Dockerfile /tmp/given\nWORKDIR");
const FAILING = 4;

async function output(container: Container, script: string): Promise<string> {
  const spec = { args: ["/bin/sh", "-c", script], env: [], terminal: undefined };
  const process = await container.start(spec, { signal });
  const chunks: Uint8Array[] = [];
  process.onData((chunk) => chunks.push(chunk));
  await process.exited;
  return Buffer.concat(chunks).toString();
}

forEachEngine((engine) => {
  async function stopped(
    request: Partial<BuildRequest> = {},
    find: typeof debugRoot = debugRoot,
  ): Promise<Debugging> {
    const project = { files: { Dockerfile: NO_SHELL }, unique: true };
    const bench = await startDebugging(parseAddress(engine.dockerHost), project, request, find);
    await give(bench.debug, "continue");
    return bench;
  }

  function failing({ debug }: Debugging): Promise<Container> {
    const side = engine.keepsFailedState ? "failed" : "base";
    return debug.container((FAILING - 1) as StepId, side, { signal, debugRoot: "root" });
  }

  test("a state lies below /target, with the step's mounts, environment and directory", async () => {
    await using bench = await stopped({
      secrets: [{ id: "word", from: { kind: "file", path: import.meta.filename } }],
    });
    await using container = await failing(bench);
    const script = [
      "pwd",
      "id -u",
      "echo $COLOUR $PATH",
      "ls /target/tmp",
      "head -c 3 /target/run/secrets/word",
      "mount | grep -c ' /target/cache '",
      "chroot /target /opt/busybox echo hello",
    ].join("\n");
    expect((await output(container, script)).split("\n")).toEqual([
      "/target/src",
      "0",
      "red /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "given",
      ...(engine.keepsFailedState ? ["partial"] : []),
      "/**1",
      "hello",
      "",
    ]);
  });

  test("an image can be the debug root; one that cannot be had is named", async () => {
    await using bench = await stopped({ debugImage: "busybox:1.36" });
    await using container = await failing(bench);
    expect(await output(container, "ls /target/tmp")).toMatch(/^given\n/);
    await using other = await stopped({ debugImage: "none.invalid/none" });
    await expect(failing(other)).rejects.toMatchObject({
      code: "engine",
      message: expect.stringContaining("could not make the debug root of the image none.invalid/none: "),
      hint: expect.stringContaining("--debug-image"),
    });
  });

  test("programs for another machine are not tried", async () => {
    await using bench = await stopped({}, async () => ({ path: "/", architecture: "s390x" }));
    await expect(failing(bench)).rejects.toMatchObject({
      code: "unsupported",
      message: expect.stringContaining("the busybox of this machine is for s390x, the engine runs amd64"),
      hint: expect.stringContaining("--debug-image"),
    });
  });

  test("a shell in FAILED of an image without one shows what the step left", async () => {
    await using bench = await stopped();
    const step = programOf(bench.debug.state)?.steps[FAILING - 1];
    if (step === undefined) throw new Error("there is no such step");
    const talk = { kind: "lines" } as const;
    const wish = { step, side: "failed", steps: FAILING, talk, debugRoot: true } as const;
    const { container, process, onData } = await openShell(bench.debug, wish, { signal });
    await using _container = container;
    const chunks: Uint8Array[] = [];
    onData((chunk) => chunks.push(chunk));
    const state = engine.keepsFailedState ? "/target" : "";
    process.write(Buffer.from(`pwd; cat ${state}/tmp/partial; exit\n`));
    process.endInput();
    await process.exited;
    const said = engine.keepsFailedState ? "" : "attempt 2: .*\nattempt 2 failed with exit code 3;.*\n";
    expect(Buffer.concat(chunks).toString()).toMatch(new RegExp(`^${said}${state}/src\npart\n$`));
  });
});
