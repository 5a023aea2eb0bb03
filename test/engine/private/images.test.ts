import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import type { Progress } from "../../../src/engine/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";

const longOutput = "head -c 5000000 /dev/zero";

// Engines given from outside have neither our registry nor our settings.
describe.runIf(inject("privateSuite") !== undefined)("a private engine", () => {
  forEachEngine((engine) => {
    test("finds a seeded image by its ordinary name, and the image runs", async () => {
      const command = "id -un && env echo works >/result && cat /result";
      const output = await outputOf(engine.dockerHost, `FROM busybox:1.36\nRUN ${command}\n`);
      expect(output.toString()).toBe("root\nworks\n");
    });

    if (engine.version?.startsWith("20.") === true) {
      test("of Docker 20.10 clips a long output, which would make it hang", async () => {
        const output = await outputOf(engine.dockerHost, `FROM busybox:1.36\nRUN ${longOutput}\n`);
        expect(output.toString()).toContain("[output clipped, log limit");
      });
    } else {
      test("does not clip what a step writes", async () => {
        const output = await outputOf(engine.dockerHost, `FROM busybox:1.36\nRUN ${longOutput}\n`);
        expect(output.equals(Buffer.alloc(5_000_000))).toBe(true);
      });
    }
  });
});

/** Everything the steps write to standard output and error, in order. */
async function outputOf(dockerHost: string, dockerfile: string): Promise<Buffer> {
  await using scope = new Scope();
  const context = scope.own(await busyboxContext({ files: { Dockerfile: dockerfile } }));
  const { signal } = new AbortController();
  const address = parseAddress(dockerHost);
  const engine = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env: {} }));
  const chunks: Uint8Array[] = [];
  let lastLineIn = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    lastLineIn = resolve;
  });
  const onProgress = (progress: Progress): void => {
    if (progress.kind === "log") chunks.push(progress.data);
    if (progress.kind === "vertex" && progress.name.includes("RUN") && progress.completedMs !== undefined) {
      lastLineIn();
    }
  };
  const paths = { source: fromDockerfile(context.path, join(context.path, "Dockerfile")) };
  const request = { ...REQUEST, ...paths, noCache: true };
  const build = scope.own(await engine.open(request, { signal, onProgress }));
  const { result } = build.threads[0].graph;
  if (result === undefined) throw new Error("the Dockerfile has no result");
  await build.solve([result], { signal });
  // The solve may answer before the last of the log has arrived.
  await ended;
  return Buffer.concat(chunks);
}
