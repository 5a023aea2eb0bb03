/** `--llb` on the command line: what it is made from, and which options mean nothing for it. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { toBktuiError } from "../../../src/base/errors.ts";
import { limits } from "../../../src/base/limits.ts";
import { parseArguments } from "../../../src/cli/arguments.ts";
import type { DebugOptions } from "../../../src/cli/debug-options.ts";
import { checkInputs, WANTED_DEFINITION, wantsInput } from "../../../src/cli/inputs.ts";
import { ReceivedInput } from "../../../src/cli/received.ts";
import type { BuildRequest } from "../../../src/engine/build-request.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "bktui-llb-"));
  await writeFile(join(cwd, "x.llb"), "anything");
});
afterEach(async () => {
  await rm(cwd, { recursive: true });
});

function options(...argv: readonly string[]): DebugOptions {
  const invocation = parseArguments(argv, { env: {}, cwd });
  if (invocation.kind !== "debug") throw new Error(invocation.kind);
  return invocation.options;
}

async function request(...argv: readonly string[]): Promise<BuildRequest> {
  return (await checkInputs(options(...argv), { env: {}, cwd })).request;
}

test("a definition, what it may read and what is shown of it", async () => {
  await writeFile(join(cwd, "plan.json"), "{}");
  const words = ["--local", "context=.", "--oci-layout", "base=.", "--source", "plan.json", "--label", "a=b"];
  const { source, labels, platform } = await request(
    "--llb",
    "x.llb",
    "--image-config",
    "plan.json",
    ...words,
  );
  expect(source).toEqual({
    kind: "definition",
    file: join(cwd, "x.llb"),
    imageConfig: join(cwd, "plan.json"),
    locals: { context: cwd },
    layouts: { base: cwd },
    shown: join(cwd, "plan.json"),
  });
  expect([labels, platform]).toEqual([{ a: "b" }, undefined]);
});

test.each([
  [["."], "PATH"],
  [["-f", "x"], "--file"],
  [["--target", "x"], "--target"],
  [["--build-arg", "a=b"], "--build-arg"],
  [["--platform", "linux/arm64"], "--platform"],
  [["--build-context", "a=."], "--build-context"],
  [["--frontend", "gateway.v0", "--opt", "source=x"], "--frontend"],
  [["--check"], "--call"],
  [["--network", "host"], "--network"],
  [["--no-cache-filter", "x"], "--no-cache-filter"],
])("%j mean nothing for it", async (argv, flag) => {
  const error = await request("--llb", "x.llb", ...argv).then(() => undefined, toBktuiError);
  expect(error).toMatchObject({ code: "usage" });
  expect(error?.message).toContain(`${flag} means nothing for a definition`);
  expect(error?.hint).not.toBe("");
});

test("what the environment says of other builds stops none", async () => {
  const env = { SOURCE_DATE_EPOCH: "1", DOCKER_DEFAULT_PLATFORM: "linux/arm64" };
  const invocation = parseArguments(["--llb", "x.llb"], { env, cwd });
  if (invocation.kind !== "debug") throw new Error(invocation.kind);
  const { request: made } = await checkInputs(invocation.options, { env, cwd });
  expect(made).toMatchObject({ buildArgs: { SOURCE_DATE_EPOCH: "1" }, platform: undefined });
});

test("an image's configuration alone is of nothing", async () => {
  await expect(request("--image-config", "x.llb")).rejects.toMatchObject({ code: "usage" });
});

test("one that is missing is named", async () => {
  await expect(request("--llb", "y.llb")).rejects.toMatchObject({ code: "not-found" });
});

test("from standard input it is kept as it came, and no more than can be read of it", async () => {
  const typed = options("--llb", "-");
  expect(wantsInput(typed)).toBe(WANTED_DEFINITION);
  const { signal } = new AbortController();
  const stdin = new PassThrough().end(Buffer.from([0x0a, 0x00]));
  using input = await ReceivedInput.read(stdin, { signal, isDefinition: true });
  const { request: made, notes } = await checkInputs(typed, { env: {}, cwd }, input);
  expect(made.source).toMatchObject({
    file: { kind: "copy", path: input.received.path, of: "standard input" },
  });
  expect(notes).toEqual([expect.stringContaining("a private copy that is deleted at the end")]);
  const endless = new PassThrough({
    read() {
      this.push(Buffer.alloc(1024 * 1024));
    },
  });
  await expect(ReceivedInput.read(endless, { signal, isDefinition: true })).rejects.toThrow(
    `holds more than the ${limits.definitionBytes} bytes`,
  );
});
