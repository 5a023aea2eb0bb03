/** Failures that take an engine of their own: too little memory, a full disk, a registry that wants a login. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import type { Explanation } from "../../../src/debugger/explain/explanation.ts";
import { lookAndExplain } from "../../../src/debugger/explain/look-up.ts";
import { createDebugger } from "../../../src/debugger/runtime.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { OwnEngine } from "../../support/own-engine.ts";
import { guardedRegistry, limitMemory } from "../../support/scarce-engine.ts";
import { Terminal } from "../../support/terminal.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const { signal } = new AbortController();
const LOG_SIZE = "BUILDKIT_STEP_LOG_MAX_SIZE";
const DISK_BYTES = 120_000_000;
const MEMORY_BYTES = 64 * 1024 * 1024;
const REGISTRY_PORT = 5001;
const BASE = 'FROM scratch AS base\nADD busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

// Engines that were given from outside are not ours to starve.
describe.runIf(inject("privateSuite") !== undefined)("a scarce engine", () => {
  forEachEngine((engine) => {
    test("is named: memory, disk and login, each with what helps", async ({ skip }) => {
      const suite = engine.keepsFailedState ? inject("privateSuite") : "bookworm";
      await using own = await startClipping(suite);
      await using _registry = await guardedRegistry(own, REGISTRY_PORT);

      const refused = await failureOf(own.engine, `FROM localhost:${REGISTRY_PORT}/tools/app:1\nRUN true\n`);
      expect(refused?.headline.replace(/^line 1: /, "")).toBe(
        `cannot pull localhost:${REGISTRY_PORT}/tools/app:1: unauthorized`,
      );
      expect(refused?.why.join(" ")).toContain(
        `Registry: localhost:${REGISTRY_PORT}. No credentials for localhost:${REGISTRY_PORT} were found.`,
      );
      expect(refused?.next.map((step) => (step.kind === "program" ? step.text : ""))).toContain(
        `docker login localhost:${REGISTRY_PORT}`,
      );

      await shownAs(own.engine, `FROM localhost:${REGISTRY_PORT}/tools/app:1\nRUN true\n`, [
        /cannot pull localhost:5001\/tools\/app:1: unauthorized/,
        /No credentials for localhost:5001 were found\./,
        /docker login localhost:5001/,
      ]);

      // With room for a process the disk is looked at. An engine that keeps FAILED has no room for another build then.
      if (!engine.keepsFailedState) {
        const nearly = "head -c 500000 /dev/zero >/room; dd if=/dev/zero of=/big bs=64k; rm /room; exit 1";
        const small = await failureOf(own.engine, `${BASE}RUN ${nearly}\n`);
        expect(small?.why).toEqual([
          expect.stringMatching(
            /^(?:The engine's disk is full: of 1\d\d MB .* free|By its output no space was left)/,
          ),
        ]);
      }

      const full = await failureOf(own.engine, `${BASE}RUN dd if=/dev/zero of=/big bs=1M count=200\n`);
      expect(full?.headline).toMatch(/^step 3\/3 failed: exit code 1/);
      expect(full?.why).toEqual([
        "The engine's disk is full: it has no space to start a process. docker system df tells what uses it.",
      ]);

      await shownAs(own.engine, `${BASE}RUN dd if=/dev/zero of=/big bs=1M count=200\n`, [
        /step 3\/3 failed: exit code 1/,
        /The engine's disk is full: it has no space to start a process\. docker system df tells/,
        / ! shell on /,
      ]);

      const flood = await failureOf(own.engine, `${BASE}RUN yes | head -c 1500000; exit 3\n`);
      expect(flood?.why[0]).toMatch(
        /^The engine clipped the output at (?:1MiB|200KiB\/s), after line \d{5,6}: lines are missing there\.$/,
      );
      const few = `${BASE}RUN echo; echo '[output clipped, log limit 1MiB reached]'; exit 3\n`;
      expect((await failureOf(own.engine, few))?.why).toEqual([]);

      if (!(await limitMemory(own, MEMORY_BYTES))) skip("no memory controller of cgroups");
      const killed = await failureOf(own.engine, `${BASE}RUN tail /dev/zero\n`);
      expect(killed?.headline).toMatch(
        /^step 3\/3 failed: exit code 137: killed by SIGKILL.*often out of memory$/,
      );
      expect(killed?.why).toEqual(["The step may use 67 MB of memory; the kernel kills what uses more."]);
      const child = await failureOf(own.engine, `${BASE}RUN tail /dev/zero; exit 5\n`);
      expect(child?.headline).toMatch(/^step 3\/3 failed: exit code 5/);
      expect(child?.why.join(" ")).toMatch(
        /^A process of the step was killed \("Killed"\); the kernel has killed [1-9]\d* for lack of memory since this build was loaded\. The step may use 67 MB of memory\.$/,
      );
      await shownAs(own.engine, `${BASE}RUN tail /dev/zero\n`, [
        /exit code 137: killed by SIGKILL/,
        /The step may use 67 MB of memory/,
        / ! shell on /,
      ]);
    });
  });
});

/** An engine with a small disk and a small log, however large the engines of bktui have it. */
async function startClipping(suite: string | undefined): Promise<OwnEngine> {
  process.env[LOG_SIZE] = "1048576";
  try {
    return await OwnEngine.start(suite, { diskBytes: DISK_BYTES });
  } finally {
    delete process.env[LOG_SIZE];
  }
}

/** The screen of the built program says all of it, after `c` where something could be loaded. */
async function shownAs(engine: TestEngine, text: string, says: readonly RegExp[]): Promise<void> {
  await using context = await busyboxContext({ files: { Dockerfile: text } });
  await using terminal = await Terminal.start({ engine, args: [context.path] });
  await terminal.untilRow(1, /LOADED|ERROR/);
  if (/LOADED/.test(terminal.row(1))) terminal.type("c");
  await terminal.until((rows) => {
    const flowing = rows.join(" ").replaceAll(/\s+/g, " ");
    return says.every((each) => each.test(flowing));
  });
}

async function failureOf({ dockerHost, kind }: TestEngine, text: string): Promise<Explanation | undefined> {
  await using scope = new Scope();
  const context = scope.own(await busyboxContext({ files: { Dockerfile: text } }));
  const address = parseAddress(dockerHost, kind);
  const engine = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env: {} }));
  const debug = scope.own(createDebugger(engine));
  const dockerfile = join(context.path, "Dockerfile");
  const request = { ...REQUEST, source: fromDockerfile(context.path, dockerfile) };
  debug.dispatch({ kind: "launch", request, stopOnEntry: false });
  await debug.rest();
  return await lookAndExplain(debug, await readFile(dockerfile, "utf8"), { signal });
}
