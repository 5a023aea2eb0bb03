import { describe, expect, it } from "vitest";
import { parseOutputs, usesStandardOutput } from "../../../../src/console/values/outputs.ts";
import type { OutputSpec } from "../../../../src/engine/outputs.ts";

const AT = { cwd: "/home/me" };

function spec(type: string, dest?: string, attributes: Readonly<Record<string, string>> = {}): OutputSpec {
  return { type, dest, attributes };
}

/** All types and keys of `docker buildx build` 0.37. */
const TAKEN: readonly (readonly [text: string, expected: OutputSpec])[] = [
  ["out", spec("local", "/home/me/out")],
  [".", spec("local", "/home/me")],
  ["../up/", spec("local", "/home/up")],
  ["/abs/dir", spec("local", "/abs/dir")],
  ["a=b", spec("local", "/home/me/a=b")],
  ["dest=x", spec("local", "/home/me/dest=x")],
  ["-", spec("tar", "-")],
  ["type=local,dest=out", spec("local", "/home/me/out")],
  ["type=local,dest=out,mode=delete", spec("local", "/home/me/out", { mode: "delete" })],
  [
    "type=local,dest=out,platform-split=false,attestation-prefix=x-",
    spec("local", "/home/me/out", { "platform-split": "false", "attestation-prefix": "x-" }),
  ],
  ["type=tar", spec("tar")],
  ["type=tar,dest=-", spec("tar", "-")],
  [
    "type=tar,dest=out.tar,source-date-epoch=1",
    spec("tar", "/home/me/out.tar", { "source-date-epoch": "1" }),
  ],
  ["type=oci", spec("oci")],
  ["type=oci,dest=layout,tar=false", spec("oci", "/home/me/layout", { tar: "false" })],
  ["type=docker", spec("docker")],
  ["type=docker,dest=out.tar", spec("docker", "/home/me/out.tar")],
  ["type=docker,context=colima", spec("docker", undefined, { context: "colima" })],
  ["type=registry", spec("registry")],
  ["type=cacheonly", spec("cacheonly")],
  ["type=moby,name=x", spec("moby", undefined, { name: "x" })],
  ["TYPE=local,Dest=Out", spec("local", "/home/me/Out")],
  ["dest=out, type=local", spec("local", "/home/me/out")],
  ['type=image,"name=a:1,b:2",push=true', spec("image", undefined, { name: "a:1,b:2", push: "true" })],
  ['type=local,"dest=with,comma"', spec("local", "/home/me/with,comma")],
  ['"type=local","dest=a""b"', spec("local", '/home/me/a"b')],
  ["type=local,dest=a,dest=b", spec("local", "/home/me/b")],
  ["type=image,name=", spec("image", undefined, { name: "" })],
  [
    "type=image,annotation-manifest[linux/amd64].org.opencontainers.image.title=T",
    spec("image", undefined, { "annotation-manifest[linux/amd64].org.opencontainers.image.title": "T" }),
  ],
  ...[
    "push-by-digest=true",
    "registry.insecure=true",
    "unpack=false",
    "store=false",
    "dangling-name-prefix=p",
    "danging-name-empty-only=true",
    "name-canonical=true",
    "oci-mediatypes=false",
    "oci-artifact=true",
    "attestation-inline=true",
    "prefer-nondist-layers=true",
    "compression=zstd",
    "compression-level=3",
    "force-compression=true",
    "rewrite-timestamp=true",
    "source-date-epoch=0",
    "prefer-image-digest=true",
    "buildinfo-attrs=true",
  ].map((pair): readonly [string, OutputSpec] => {
    const [key = "", value = ""] = pair.split("=");
    return [`type=image,${pair}`, spec("image", undefined, { [key]: value })];
  }),
];

describe("-o", () => {
  it.each(TAKEN)("takes %s", (text, expected) => {
    expect(parseOutputs([text], AT)).toEqual([expected]);
  });

  it("takes several in their order, and none of an empty value", () => {
    expect(parseOutputs(["a", "", "type=tar,dest=b"], AT).map(({ type }) => type)).toEqual(["local", "tar"]);
  });

  it.each([
    ["type=", "type is required for output"],
    ["type=local,dest", "invalid value dest"],
    ["a,b", "invalid value a"],
    ["dest=x,push=true", "type is required for output"],
    ["type=localy,dest=x", 'exporter "localy" could not be found'],
    ["type=Local,dest=x", 'exporter "Local" could not be found'],
    ["type=local", "dest is required for local exporter"],
    ["type=local,dest=", "dest is required for local exporter"],
    ["type=local,dest=-", "dest cannot be stdout for local exporter"],
    ["type=oci,tar=false", "dest is required for oci exporter"],
    ["type=oci,tar=false,dest=-", "dest cannot be stdout for oci exporter"],
    ["type=local,dest=x,mode=move", 'invalid local exporter mode "move"'],
    ['type=local,dest="x"', "misplaced quote"],
  ])("refuses %s as docker does", (text, message) => {
    expect(() => parseOutputs([text], AT)).toThrow(expect.objectContaining({ code: "bad-request" }));
    expect(() => parseOutputs([text], AT)).toThrow(message);
  });

  it("says what a mistyped type is near", () => {
    expect(() => parseOutputs(["type=localy,dest=x"], AT)).toThrow(
      expect.objectContaining({ hint: "did you mean type=local?" }),
    );
  });

  it.each([[["-", "type=oci"]], [["type=tar", "type=docker,dest=-"]]])(
    "refuses %j, which both go to standard output",
    (texts) => {
      expect(() => parseOutputs(texts, AT)).toThrow("multiple outputs configured to write to stdout");
    },
  );

  it.each([
    ["-", true],
    ["type=tar", true],
    ["type=oci", true],
    ["type=docker", false],
    ["type=docker,dest=-", true],
    ["type=oci,dest=x,tar=false", false],
    ["type=image,dest=-", false],
    ["type=tar,dest=x", false],
    ["out", false],
  ])("knows whether %s goes to standard output", (text, expected) => {
    expect(usesStandardOutput({ outputs: parseOutputs([text], AT) })).toBe(expected);
  });
});
