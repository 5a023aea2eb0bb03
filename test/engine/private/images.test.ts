import { join } from "node:path";
import { describe, expect, inject, test } from "vitest";
import { Scope } from "../../../src/base/scope.ts";
import { fromDockerfile } from "../../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../../src/engine/buildkit/engine.ts";
import type { Progress } from "../../../src/engine/engine.ts";
import { parseAddress } from "../../../src/transport/address.ts";
import { REQUEST } from "../../support/debug-driver.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";

const LONG = 5_000_000;
const longOutput = `head -c ${LONG} /dev/zero`;

// Engines given from outside have neither our registry nor our settings.
describe.runIf(inject("privateSuite") !== undefined)("a private engine", () => {
  forEachEngine((engine) => {
    test("finds a seeded image by its ordinary name, and the image runs", async () => {
      const command = "id -un && env echo works >/result && cat /result";
      const expected = "root\nworks\n";
      const output = await outputOf(engine.dockerHost, command, ({ bytes }) => bytes >= expected.length);
      expect(output.toString()).toBe(expected);
    });

    if (engine.version?.startsWith("20.") === true) {
      test("of Docker 20.10 clips a long output, which would make it hang", async () => {
        const clipped = "[output clipped, log limit";
        const output = await outputOf(engine.dockerHost, longOutput, ({ last }) => last.includes(clipped));
        expect(output.length).toBeLessThan(LONG);
      });
    } else {
      test("does not clip what a step writes", async () => {
        const output = await outputOf(engine.dockerHost, longOutput, ({ bytes }) => bytes >= LONG);
        expect(output.equals(Buffer.alloc(LONG))).toBe(true);
      });
    }
  });
});

/**
 * Everything that a command writes to standard output and error, in order. An engine under load reports the last of it
 * after the end of the step: it is waited for until it is all there.
 */
async function outputOf(
  dockerHost: string,
  command: string,
  isAll: (sofar: { readonly bytes: number; readonly last: Buffer }) => boolean,
): Promise<Buffer> {
  await using scope = new Scope();
  const dockerfile = `FROM busybox:1.36\nRUN ${command}\n`;
  const context = scope.own(await busyboxContext({ files: { Dockerfile: dockerfile } }));
  const { signal } = new AbortController();
  const address = parseAddress(dockerHost);
  const engine = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env: {} }));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let allIn = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    allIn = resolve;
  });
  const onProgress = (progress: Progress): void => {
    if (progress.kind !== "log") return;
    chunks.push(progress.data);
    bytes += progress.data.length;
    if (isAll({ bytes, last: Buffer.from(progress.data) })) allIn();
  };
  const paths = { source: fromDockerfile(context.path, join(context.path, "Dockerfile")) };
  const request = { ...REQUEST, ...paths, noCache: true };
  const build = scope.own(await engine.open(request, { signal, onProgress }));
  const { result } = build.threads[0].graph;
  if (result === undefined) throw new Error("the Dockerfile has no result");
  await build.solve([result], { signal });
  await ended;
  return Buffer.concat(chunks);
}
