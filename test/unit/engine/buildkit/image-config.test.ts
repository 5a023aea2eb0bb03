/** The configuration of the image that a definition becomes: as given, and completed. */
import { expect, test } from "vitest";
import { pb } from "#proto";
import { compilePlan } from "../../../../demo/plan/compile.ts";
import { BktuiError } from "../../../../src/base/errors.ts";
import { imageConfigOf } from "../../../../src/engine/buildkit/image-config.ts";
import { decodeDefinition } from "../../../../src/protocol/llb.ts";

const PLAN = JSON.stringify({
  steps: [{ name: "a", inputs: [{ image: "b" }], commands: [{ cmd: "c" }] }],
  deploy: { base: { step: "a" }, start: "d" },
});
const graph = decodeDefinition(pb.Definition.decode(compilePlan(PLAN, { architecture: "arm64" }).definition));
const fileOf = (text: string) => ({ bytes: Buffer.from(text), path: "/c.json" });

test("without one it is what BuildKit gives, for the platform of the definition", () => {
  expect(imageConfigOf(graph, {}, { file: undefined, own: undefined })).toMatchObject({
    isDefault: true,
    image: { os: "linux", architecture: "arm64", config: { WorkingDir: "/" }, rootfs: { diff_ids: [] } },
  });
});

test("what is given counts as it is, a file before what stands beside the definition; labels are added", () => {
  const config = {
    Env: ["A=b"],
    Cmd: ["x"],
    User: "u",
    ExposedPorts: { "80/tcp": {} },
    Labels: { own: "1" },
  };
  const file = fileOf(`\ufeff${JSON.stringify({ architecture: "riscv64", config })}`);
  const { image, isDefault } = imageConfigOf(
    graph,
    { more: "2" },
    { file, own: { config: { Cmd: ["no"] } } },
  );
  expect(isDefault).toBe(false);
  expect(image).toMatchObject({
    architecture: "riscv64",
    os: "linux",
    config: { ...config, Labels: { own: "1", more: "2" } },
  });
  const beside = imageConfigOf(graph, {}, { file: undefined, own: { config: { Cmd: ["y"] } } });
  expect(beside.image).toMatchObject({ config: { Cmd: ["y"] } });
});

test.each([
  ["{", /^the image configuration \/c\.json is no JSON: /],
  ["[]", /is no JSON object$/],
  ['{"config": 1}', /"config" is no object$/],
  ['{"config": {"Labels": "x"}}', /"Labels" is no object$/],
])("%s is refused with its place", (text, message) => {
  const read = () => imageConfigOf(graph, {}, { file: fileOf(text), own: undefined });
  expect(read).toThrow(BktuiError);
  expect(read).toThrow(message);
});
