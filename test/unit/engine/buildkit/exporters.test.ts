import { describe, expect, it } from "vitest";
import { asBuildctl } from "../../../../src/cli/output-checks.ts";
import { parseOutputs, usesStandardOutput } from "../../../../src/console/values/outputs.ts";
import type { BuildRequest } from "../../../../src/engine/build-request.ts";
import {
  type OutputAbilities,
  outputAbilities,
  planOutputs,
  pushedNames,
} from "../../../../src/engine/buildkit/exporters.ts";
import { REQUEST } from "../../../support/debug-driver.ts";

const BUILDKITD: OutputAbilities = {
  isDockerd: false,
  hasImageStore: true,
  makesSeveral: true,
  attests: true,
};
const CONTAINERD: OutputAbilities = { ...BUILDKITD, isDockerd: true };
const GRAPH: OutputAbilities = { ...CONTAINERD, hasImageStore: false };
const OLD: OutputAbilities = { ...GRAPH, makesSeveral: false, attests: false };

function request(outputs: readonly string[], facts: Partial<BuildRequest> = {}): BuildRequest {
  return { ...REQUEST, outputs: parseOutputs(outputs, { cwd: "/w" }), ...facts };
}

/** Each output as `TYPE KEY=VALUE,… -> DELIVERY`. */
function planOf(asked: BuildRequest, abilities: OutputAbilities): readonly string[] {
  return planOutputs(asked, abilities).outputs.map(({ exporter, delivery, push }) => {
    const attributes = Object.entries(exporter.attributes).map(([key, value]) => `${key}=${value}`);
    const { kind, ...where } = delivery;
    const place = Object.values(where).filter((value) => value !== undefined && value !== false);
    const words = [kind, ...place, ...(push === "no" ? [] : [`pushed by ${push}`])].join(" ");
    return `${[exporter.type, attributes.sort().join(",")].join(" ").trim()} -> ${words}`;
  });
}

describe("the exporters of", () => {
  const X = { tags: ["x:1", "x:2"] };
  it.each<[string, BuildRequest, OutputAbilities, readonly string[]]>([
    ["nothing", request([]), BUILDKITD, []],
    ["names, on a dockerd", request([], X), GRAPH, ["moby name=x:1,x:2 -> engine"]],
    ["names, on a buildkitd", request([], X), BUILDKITD, []],
    [
      "names, on a builder that loads by default",
      request([], X),
      { ...BUILDKITD, loads: true },
      ["docker name=x:1,x:2 -> load"],
    ],
    [
      "names, where BUILDX_NO_DEFAULT_LOAD is set",
      request([], { ...X, noDefaultLoad: true }),
      { ...BUILDKITD, loads: true },
      [],
    ],
    ["the same on a dockerd", request([], { ...X, noDefaultLoad: true }), GRAPH, []],
    ["names, where nothing is wanted", request(["type=cacheonly"], X), GRAPH, []],
    ["cacheonly with --load", request(["type=cacheonly"], { load: true }), GRAPH, ["moby -> engine"]],
    ["names with a directory: no image", request(["out"], X), GRAPH, ["local -> directory /w/out"]],
    ["--load on a dockerd", request([], { load: true }), OLD, ["moby -> engine"]],
    [
      "--load on a dockerd with containerd's store",
      request([], { load: true, ...X }),
      CONTAINERD,
      ["moby name=x:1,x:2,prefer-image-digest=true -> engine"],
    ],
    ["--load on a buildkitd", request([], { load: true, ...X }), BUILDKITD, ["docker name=x:1,x:2 -> load"]],
    [
      "--load with another docker output",
      request(["type=docker"], { load: true }),
      BUILDKITD,
      ["docker -> load"],
    ],
    ["a named docker", request(["type=docker,context=c"]), BUILDKITD, ["docker -> load c"]],
    [
      "--load beside files",
      request(["o"], { load: true }),
      GRAPH,
      ["local -> directory /w/o", "moby -> engine"],
    ],
    [
      "--push on a buildkitd",
      request([], { push: true, ...X }),
      BUILDKITD,
      ["image name=x:1,x:2,push=true,unpack=false -> engine pushed by engine"],
    ],
    [
      "--push on a dockerd: docker pushes",
      request([], { push: true, tags: ["x"] }),
      GRAPH,
      ["moby name=x,push=true,unpack=false -> engine pushed by docker"],
    ],
    [
      "--push on a dockerd with containerd's store: its BuildKit does",
      request([], { push: true, tags: ["x"] }),
      CONTAINERD,
      ["moby name=x,prefer-image-digest=true,push=true,unpack=false -> engine pushed by engine"],
    ],
    [
      "--push with an image output, which it makes push",
      request(["type=image,name=x,unpack=true"], { push: true }),
      BUILDKITD,
      ["image name=x,push=true,unpack=true -> engine pushed by engine"],
    ],
    [
      "registry",
      request(["type=registry,name=r/x"]),
      BUILDKITD,
      ["image name=r/x,push=true,unpack=false -> engine pushed by engine"],
    ],
    [
      "names over those of the output",
      request(["type=oci,dest=a,name=other"], X),
      BUILDKITD,
      ["oci name=x:1,x:2 -> file /w/a"],
    ],
    ["an OCI layout", request(["type=oci,tar=false,dest=d"]), BUILDKITD, ["oci tar=false -> layout /w/d"]],
    ["a docker archive", request(["type=docker,dest=a"]), CONTAINERD, ["docker -> file /w/a"]],
    ["a tar on standard output", request(["type=tar"]), OLD, ["tar -> file -"]],
    [
      "a mirrored directory",
      request(["type=local,dest=o,mode=delete"]),
      OLD,
      ["local mode=delete -> directory /w/o true"],
    ],
    [
      "annotations, for every output",
      request(["o", "type=oci,dest=a"], { annotations: { "annotation.a": "b" } }),
      BUILDKITD,
      ["local annotation.a=b -> directory /w/o", "oci annotation.a=b -> file /w/a"],
    ],
    [
      "the older way of attestations",
      request(["type=oci,dest=a", "type=image,oci-artifact=true"], { noOciArtifact: true }),
      BUILDKITD,
      ["oci oci-artifact=false -> file /w/a", "image oci-artifact=true -> engine"],
    ],
    [
      "BUILDKIT_INLINE_BUILDINFO_ATTRS",
      request(["type=image"], { buildArgs: { BUILDKIT_INLINE_BUILDINFO_ATTRS: "1" } }),
      BUILDKITD,
      ["image buildinfo-attrs=1 -> engine"],
    ],
  ])("%s", (_, asked, abilities, expected) => {
    expect(planOf(asked, abilities)).toEqual(expected);
  });

  it.each<[string, BuildRequest, OutputAbilities, string, string]>([
    [
      "an image without a name to push",
      request([], { push: true }),
      BUILDKITD,
      "bad-request",
      "tag is needed when pushing",
    ],
    [
      "an OCI archive of the older store",
      request(["type=oci,dest=a"]),
      GRAPH,
      "unsupported",
      "OCI exporter is not supported",
    ],
    [
      "a docker archive of it",
      request(["type=docker,dest=a"]),
      OLD,
      "unsupported",
      "Docker exporter is not supported",
    ],
    ["several of an old BuildKit", request(["a", "b"]), OLD, "unsupported", "makes one output in a build"],
    [
      "index annotations of the older store",
      request(["type=image"], { annotations: { "annotation-index.a": "b" } }),
      GRAPH,
      "bad-request",
      "index annotations not supported",
    ],
    [
      "a push by digest with docker",
      request(["type=image,name=x,push=true,push-by-digest=true"]),
      GRAPH,
      "unsupported",
      "push-by-digest is currently not implemented",
    ],
    [
      "attestations of the older store",
      request(["type=image"], { attests: [{ type: "sbom", record: "type=sbom" }] }),
      GRAPH,
      "unsupported",
      "Attestation is not supported for the docker driver",
    ],
    [
      "attestations of an old BuildKit",
      request(["type=image"], { attests: [{ type: "sbom", record: "type=sbom" }] }),
      { ...BUILDKITD, attests: false },
      "unsupported",
      "Attestations are not supported by the current BuildKit daemon",
    ],
    [
      "attestations in a docker archive",
      request(["type=docker,dest=a"], { attests: [{ type: "sbom", record: "type=sbom" }] }),
      BUILDKITD,
      "bad-request",
      "use the oci exporter instead",
    ],
    [
      "several platforms in the older store, also where nothing is made",
      request([], { platform: "linux/amd64,linux/arm64" }),
      GRAPH,
      "unsupported",
      "Multi-platform build is not supported for the docker driver",
    ],
    [
      "several platforms in a docker archive",
      request(["type=docker,dest=a"], { platform: "linux/amd64,linux/arm64" }),
      BUILDKITD,
      "bad-request",
      "use the oci exporter instead",
    ],
    [
      "a layout of the docker exporter",
      request(["type=docker,tar=false,dest=d"]),
      BUILDKITD,
      "bad-request",
      "output directory is not supported by docker exporter",
    ],
    [
      "two layouts",
      request(["type=oci,tar=false,dest=a", "type=oci,tar=false,dest=b"]),
      BUILDKITD,
      "bad-request",
      "one output can have tar=false",
    ],
  ])("refuses %s", (_, asked, abilities, code, message) => {
    expect(() => planOutputs(asked, abilities)).toThrow(expect.objectContaining({ code }));
    expect(() => planOutputs(asked, abilities)).toThrow(message);
  });
});

describe("attestations", () => {
  const attestationsOf = (facts: Partial<BuildRequest>, abilities = BUILDKITD): unknown =>
    Object.fromEntries(
      Object.entries(planOutputs(request(["o"], facts), abilities).attributes).filter(([key]) =>
        key.startsWith("attest:"),
      ),
    );

  it("are a little provenance by default, where the engine can", () => {
    expect(attestationsOf({})).toEqual({ "attest:provenance": "mode=min,inline-only=true" });
    expect(attestationsOf({}, GRAPH)).toEqual({});
    expect(attestationsOf({}, { ...BUILDKITD, attests: false })).toEqual({});
  });

  it("are what is asked for, the first of each type", () => {
    const attests = [
      { type: "provenance", record: undefined },
      { type: "sbom", record: "type=sbom,generator=g" },
      { type: "provenance", record: "type=provenance,mode=max" },
    ];
    expect(attestationsOf({ attests })).toEqual({ "attest:sbom": "type=sbom,generator=g" });
  });

  it("are told of the build's own options, as exporters are", () => {
    const { attributes } = planOutputs(request(["o"], { buildArgs: { SOURCE_DATE_EPOCH: "1" } }), BUILDKITD);
    expect(attributes).toMatchObject({ "build-arg:SOURCE_DATE_EPOCH": "1", filename: "Dockerfile" });
  });
});

it("an engine says what it can do by its workers and capabilities", () => {
  const pong = (labels: Readonly<Record<string, string>>, ...caps: readonly string[]) => ({
    Workers: [{ Labels: { ...labels } }],
    LLBCaps: [...caps.map((ID) => ({ ID, Enabled: true })), { ID: "exporter.multiple", Enabled: false }],
  });
  const store = { "org.mobyproject.buildkit.worker.snapshotter": "overlayfs" };
  expect(outputAbilities({ kind: "dockerd" }, pong({}))).toEqual(OLD);
  expect(
    outputAbilities({ kind: "dockerd" }, pong(store, "exporter.multiple", "exporter.image.attestations")),
  ).toEqual(CONTAINERD);
  expect(outputAbilities({ kind: "buildkitd" }, pong({}, "exporter.multiple"))).toEqual({
    ...BUILDKITD,
    attests: false,
  });
});

it("credentials are for the registries that an image is pushed to", () => {
  expect(pushedNames(request(["type=image,name=a.test/x", "o"]))).toEqual([]);
  expect(pushedNames(request(["o"], { tags: ["a.test/x"] }))).toEqual([]);
  expect(pushedNames(request(["o"], { tags: ["a.test/x"], push: true }))).toEqual(["a.test/x"]);
  expect(pushedNames(request(['type=registry,"name=a.test/x,b.test/y"']))).toEqual(["a.test/x", "b.test/y"]);
  expect(pushedNames(request(["type=image,name=a.test/x,push=true"]))).toEqual(["a.test/x"]);
});

it("an image for docker goes down buildctl's pipe, unless the engine is docker itself", () => {
  const [spec] = parseOutputs(["type=docker,name=x"], { cwd: "/w" });
  if (spec === undefined) throw new Error("no output");
  const piped = asBuildctl(request(["type=docker,name=x"]), { frontend: "x" }, { isTerminal: false });
  expect(piped.outputs).toEqual([{ ...spec, isPiped: true }]);
  expect(usesStandardOutput(piped)).toBe(true);
  expect(planOf(piped, BUILDKITD)).toEqual(["docker name=x -> file -"]);
  expect(planOf(piped, GRAPH)).toEqual(["moby name=x -> engine"]);
  expect(asBuildctl(piped, { frontend: "x" }, { isTerminal: true })).toBe(piped);
  expect(asBuildctl(piped, {}, { isTerminal: false })).toBe(piped);
});
