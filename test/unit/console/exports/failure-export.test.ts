/** What options ask to be exported of a failed build, and names for what stands beside it. */
import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import {
  besideOutput,
  exportSuffix,
  failureExport,
  type TypedFailureExport,
} from "../../../../src/console/exports/failure-export.ts";
import { exportOutput, wordsOf } from "../../../../src/console/exports/read-export.ts";

const cwd = "/project";
const given = (typed: Partial<TypedFailureExport>) => failureExport({ failedOutput: [], ...typed }, { cwd });
const outputs = (typed: Partial<TypedFailureExport>) =>
  given(typed)?.outputs.map(({ type, dest = "", attributes }) =>
    `${type} ${dest} ${attributes["name"] ?? ""}`.trim(),
  );

describe("what is exported of a failed build", () => {
  test("is nothing unless something asks for it", () => {
    expect(given({})).toBeUndefined();
    expect(failureExport({ failedOutput: [] }, { cwd }, true)?.outputs).toHaveLength(1);
    expect(given({ exportOnFailure: true })).toEqual({
      outputs: [{ type: "docker", dest: undefined, attributes: {} }],
      state: "failed",
      rebuild: false,
      all: false,
      force: false,
      withSecrets: false,
    });
    const all = given({
      exportState: "both",
      exportAll: true,
      exportForce: true,
      exportSecrets: "allow",
      exportRebuild: true,
    });
    expect(all).toMatchObject({ state: "both", all: true, force: true, withSecrets: true, rebuild: true });
  });

  test.each<readonly [typed: Partial<TypedFailureExport>, made: string]>([
    [{ exportPath: "a.tar" }, "docker /project/a.tar"],
    [{ exportType: "tarball", exportPath: "/a.tar", exportRef: "app:1" }, "docker /a.tar app:1"],
    [{ exportType: "oci", exportPath: "a.tar", exportRef: "app:1" }, "oci /project/a.tar app:1"],
    [{ exportType: "tar", exportPath: "a.tar" }, "tar /project/a.tar"],
    [{ exportType: "local", exportPath: "out" }, "local /project/out"],
    [{ exportRef: "app:1" }, "docker  app:1"],
    [{ exportType: "registry", exportRef: "r.test/app" }, "registry  r.test/app"],
    [{ failedOutput: ["type=registry,ref=r.test/app:1"] }, "registry  r.test/app:1"],
    [{ failedOutput: ["type=image,name=r.test/app:1,push=true"] }, "image  r.test/app:1"],
    [{ failedOutput: ["out"] }, "local /project/out"],
  ])("%j", (typed, made) => {
    expect(outputs(typed)).toEqual([made]);
  });

  test.each<readonly [typed: Partial<TypedFailureExport>, why: RegExp]>([
    [{ exportType: "tarbal", exportPath: "x" }, /"tarbal" is no type of export; did you mean tarball/],
    [{ exportType: "registry" }, /--export-type registry needs a name/],
    [{ exportType: "registry", exportPath: "x", exportRef: "a" }, /--export-type registry takes no path/],
    [{ exportType: "tar" }, /--export-type tar needs a path/],
    [{ exportType: "tar", exportPath: "x", exportRef: "a" }, /makes no image that --export-ref could name/],
    [{ exportRef: "UPPER" }, /is no name of an image/],
    [{ failedOutput: ["type=oci,dest=-"] }, /cannot be written to standard output/],
    [{ failedOutput: ["type=image,ref=a,name=b"] }, /ref and name say the same twice/],
    [{ failedOutput: ["out"], exportRef: "a" }, /say the same twice/],
    [{ failedOutput: ["type=nope"] }, /exporter "nope" could not be found/],
    [{ exportRebuild: true, exportState: "base" }, /--export-rebuild makes FAILED anew/],
  ])("%j is refused", (typed, why) => {
    expect(() => given(typed)).toThrow(BktuiError);
    expect(() => given(typed)).toThrow(why);
  });

  test.each([
    ["/a/out.tar", "/a/out-base.tar"],
    ["/a/out.tar.gz", "/a/out-base.tar.gz"],
    ["/a.b/out", "/a.b/out-base"],
  ])("%s stands beside %s", (dest, beside) => {
    expect(besideOutput({ type: "tar", dest, attributes: {} }, "base").dest).toBe(beside);
  });

  test.each([
    ["docker", "app:1"],
    ["tarball", "/a.tar"],
    ["oci", "/a.tar"],
    ["tar", "/a.tar"],
    ["local", "/out"],
    ["registry", "r.test/app:1"],
  ])("%s %s is said in the words that ask for it", (type, dest) => {
    expect(wordsOf(exportOutput(type, dest, { cwd }))).toEqual([type, dest]);
  });

  test("what takes more than a word and a place has none", () => {
    expect(wordsOf({ type: "oci", dest: "/a", attributes: { compression: "zstd" } })).toBeUndefined();
  });

  test("names of images get a tag, or a longer one", () => {
    const attributes = { name: "r.test:5000/app,app:1" };
    const { attributes: beside } = besideOutput({ type: "docker", dest: undefined, attributes }, "2");
    expect(beside["name"]).toBe("r.test:5000/app:2,app:1-2");
  });

  test.each([
    [{}, ""],
    [{ number: "2" }, "2"],
    [{ platform: "linux/arm64/v8", number: "2", side: "base" as const }, "linux_arm64_v8-2-base"],
    [{ platform: "../x:y" }, ".._x_y"],
  ])("%j is told from others by %j", (telling, suffix) => {
    expect(exportSuffix({ platform: undefined, number: undefined, side: undefined, ...telling })).toBe(
      suffix,
    );
  });
});
