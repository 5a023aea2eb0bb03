import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseArguments } from "../../../../src/cli/arguments.ts";
import type { DebugOptions } from "../../../../src/cli/debug-options.ts";
import { BUILD_ROWS } from "../../../../src/cli/options/build-rows.ts";
import { PLAIN_BUILD } from "../../../../src/cli/options/plain-build.ts";
import { THIS_MACHINE } from "../../../../src/console/values/platform.ts";
import { debugOptions, refusal } from "../../../support/parsed-arguments.ts";

describe("build options", () => {
  test("without options nothing is asked of the engine", () => {
    expect(debugOptions(".").build).toEqual(PLAIN_BUILD);
  });

  test.each<[string, readonly string[], Partial<DebugOptions["build"]>]>([
    ["a build argument with a value", ["--build-arg", "A=b=c"], { buildArgs: { A: "b=c" } }],
    ["an empty build argument", ["--build-arg=A="], { buildArgs: { A: "" } }],
    ["a build argument from the environment", ["--build-arg", "VERSION"], { buildArgs: { VERSION: "1.2" } }],
    [
      "a prototype's name as build argument",
      ["--build-arg", "__proto__=x"],
      { buildArgs: JSON.parse('{"__proto__":"x"}') },
    ],
    [
      "the last of two equal build arguments",
      ["--build-arg", "A=1", "--build-arg", "A=2"],
      { buildArgs: { A: "2" } },
    ],
    ["a label without value", ["--label", "a", "--label", "b=1"], { labels: { a: "", b: "1" } }],
    ["switches", ["--no-cache", "--pull", "--load"], { noCache: true, pull: true, load: true }],
    [
      "switches with a value, as docker allows",
      ["--no-cache=true", "--pull=FALSE"],
      { noCache: true, pull: false },
    ],
    ["one platform", ["--platform", "linux/arm/v7"], { platform: "linux/arm/v7" }],
    [
      "two platforms",
      ["--platform=linux/amd64,arm64", "--platform=linux/amd64"],
      { platform: "linux/amd64,linux/arm64" },
    ],
    ["an architecture alone", ["--platform", "aarch64"], { platform: "linux/arm64" }],
    ["a system alone", ["--platform", "Linux"], { platform: `linux/${THIS_MACHINE.architecture}` }],
    ["the client's own platform", ["--platform=local"], { platform: `linux/${THIS_MACHINE.architecture}` }],
    ["other names of a platform", ["--platform=macos/x86_64/v1"], { platform: "darwin/amd64" }],
    ["arm, which is v7", ["--platform=linux/arm"], { platform: "linux/arm/v7" }],
    ["arm64, whose v8 is not said", ["--platform=linux/arm64/v8"], { platform: "linux/arm64" }],
    ["a version of Windows", ["--platform=windows(10.0.1)/amd64"], { platform: "windows(10.0.1)/amd64" }],
    [
      "limits of steps",
      ["--resource", "memory=1g", "-m512m", "--cpu-quota=0"],
      { resources: { memory: "1073741824" } },
    ],
    [
      "older limits",
      ["-m", "1k", "--memory-swap", "-1", "-c=7"],
      { resources: { memory: "1024", memswap: "-1", cpushares: "7" } },
    ],
    [
      "stages that are run again",
      ["--no-cache-filter", "a", "--no-cache-filter=b"],
      { noCacheStages: ["a", "b"] },
    ],
    ["a parent of cgroups", ["--cgroup-parent=x"], { cgroupParent: "x" }],
    [
      "caches",
      ["--cache-from", "a,b:1", "--cache-to=type=local,dest=c"],
      {
        cacheFrom: [
          { type: "registry", attributes: { ref: "a" } },
          { type: "registry", attributes: { ref: "b:1" } },
        ],
        cacheTo: [{ type: "local", attributes: { dest: "/home/me/c" } }],
      },
    ],
    [
      "attestations, in their order",
      ["--sbom=true", "--provenance", "mode=max", "--attest", "type=sbom,disabled=1"],
      {
        attests: [
          { type: "sbom", record: undefined },
          { type: "provenance", record: "type=provenance,mode=max" },
          { type: "sbom", record: "type=sbom" },
        ],
      },
    ],
    [
      "annotations",
      ["--annotation", "a=b", "--annotation=manifest[arm64],index:c=d"],
      {
        annotations: {
          "annotation.a": "b",
          "annotation-manifest[linux/arm64].c": "d",
          "annotation-index.c": "d",
        },
      },
    ],
    ["a host by its engine", ["--add-host=a=host-gateway"], { addHosts: ["a:host-gateway"] }],
    ["the engine's own size of /dev/shm", ["--shm-size=0"], { shmSize: undefined }],
    ["the same platform twice", ["--platform=linux/amd64,linux/amd64"], { platform: "linux/amd64" }],
    ["the default network", ["--network=default"], { network: undefined }],
    ["no network", ["--network=none"], { network: "none" }],
    [
      "hosts in both notations",
      ["--add-host", "a:10.0.0.1,b=10.0.0.2"],
      { addHosts: ["a:10.0.0.1", "b:10.0.0.2"] },
    ],
    [
      "limits, the hard one as the soft one unless given",
      ["--ulimit", "nofile=1024:2048", "--ulimit=core=0", "--ulimit", "memlock=-1"],
      { ulimits: ["core=0:0", "memlock=-1:-1", "nofile=1024:2048"] },
    ],
    ["a size of /dev/shm with a unit", ["--shm-size", "64m"], { shmSize: 64 * 1024 * 1024 }],
    ["a size of /dev/shm in bytes", ["--shm-size=65536"], { shmSize: 65536 }],
    ["an IPv6 host", ["--add-host", "a=[::1]", "--add-host", "b:::1"], { addHosts: ["a:::1", "b:::1"] }],
    [
      "entitlements",
      ["--allow", "network.host", "--allow", "device=x"],
      { allow: ["network.host", "device=x"] },
    ],
    ["tags", ["-t", "reg:5000/a/b:1.0", "--tag", "x"], { tags: ["reg:5000/a/b:1.0", "x"] }],
    ["a target", ["--target=deps"], { target: "deps" }],
  ])("%s", (_name, argv, expected) => {
    expect(debugOptions(...argv).build).toMatchObject(expected);
  });

  test.each<[string, string, DebugOptions["build"]["secrets"][number]["from"]]>([
    ["a file by src", "id=s,src=keys/s", { kind: "file", path: "/home/me/keys/s" }],
    ["a file by source", "id=s,type=file,source=/s", { kind: "file", path: "/s" }],
    ["a file whose name has a comma", 'id=s,"src=/a,""b"""', { kind: "file", path: '/a,"b"' }],
    ["a variable", "id=s,env=TOKEN", { kind: "env", name: "TOKEN" }],
    ["a variable by type and src", "type=env,src=TOKEN,id=s", { kind: "env", name: "TOKEN" }],
    [
      "without a source and such a variable: the file of that name",
      "id=s",
      { kind: "file", path: "/home/me/s", isDefault: true },
    ],
    [
      "a variable beside a file, which must be there",
      "id=s,src=b,env=TOKEN",
      { kind: "env", name: "TOKEN", beside: "/home/me/b" },
    ],
  ])("a secret from %s", (_name, text, from) => {
    expect(debugOptions("--secret", text).build.secrets).toEqual([{ id: "s", from }]);
  });

  test("a secret without a source is the variable of its name when there is one", () => {
    expect(debugOptions("--secret", "id=TOKEN").build.secrets[0]?.from).toEqual({
      kind: "env",
      name: "TOKEN",
      isDefault: true,
    });
    // Whatever its type is.
    expect(debugOptions("--secret", "id=TOKEN,type=file").build.secrets[0]?.from).toMatchObject({
      kind: "env",
    });
  });

  test("--ssh takes keys, several under an id", () => {
    expect(debugOptions("--ssh", "gh=a,/b", "--ssh", "", "--ssh", "=c").build.ssh).toEqual([
      { id: "gh", paths: ["/home/me/a", "/b"] },
      { id: "default", paths: ["/home/me/c"] },
    ]);
  });

  test("--ssh takes the agent of the environment or a socket", () => {
    expect(debugOptions("--ssh", "default", "--ssh", "gh=sock").build.ssh).toEqual([
      { id: "default", paths: ["/run/agent"] },
      { id: "gh", paths: ["/home/me/sock"] },
    ]);
  });

  test("a build argument that is set nowhere is left out and said", () => {
    const { build, notes } = debugOptions("--build-arg", "NOPE");
    expect(build.buildArgs).toEqual({});
    expect(notes).toEqual(["--build-arg NOPE: not set in the environment, left out"]);
  });
});

test("options that BuildKit has no use for are said once", () => {
  const { notes } = debugOptions("--rm", "--force-rm=true", "--compress", "--squash", "--security-opt=a,b");
  expect(notes).toEqual([
    expect.stringMatching(/^--security-opt: /),
    expect.stringMatching(/^--squash: /),
    "BuildKit has no use for --compress, --rm, --force-rm",
  ]);
  expect(debugOptions("--rm=false").notes).toEqual([]);
});

describe("a value", () => {
  test.each<[string, readonly string[], RegExp, RegExp]>([
    ["a malformed platform", ["--platform=mars"], /not OS\/ARCH/, /linux\/arm64/],
    ["a platform of four parts", ["--platform=a/b/c/d"], /not OS\/ARCH/, /linux\/arm64/],
    ["an unknown network", ["--network=web"], /--network web/, /host/],
    ["a host without an address", ["--add-host=db"], /not NAME:IP/, /db:10/],
    ["a host with a bad address", ["--add-host=db:10.0.0"], /"10.0.0" is not an IP/, /^$/],
    ["an unknown entitlement", ["--allow=all"], /unknown entitlement/, /network\.host/],
    ["a build argument without name", ["--build-arg", "=x"], /name before "=" is missing/, /^$/],
    ["a secret without id", ["--secret=src=x"], /id is missing/, /id=NAME/],
    ["a secret with an unknown key", ["--secret=id=a,path=b"], /unknown key "path"/, /src/],
    ["a secret field without value", ["--secret=a"], /"a" is not key=value/, /^$/],
    ["a secret with a stray quote", ["--secret", 'id=a,src="b'], /misplaced quote/, /whole field/],
    ["an id of ssh given twice", ["--ssh=a=k1", "--ssh=a=k2"], /--ssh a: given twice/, /a=KEY,KEY/],
    ["a network of docker", ["--network=bridge"], /--network bridge/, /host/],
    ["an unknown resource", ["--resource=disk=3"], /unknown resource "disk"/, /memory/],
    ["a limit that is no size", ["-m", "much"], /memory=much: not a size/, /512m/],
    ["a limit that is no number", ["--cpu-quota=x"], /cpu-quota=x: not a whole number/, /^$/],
    ["an annotation without value", ["--annotation=a"], /not KEY=VALUE/, /^$/],
    ["an annotation nowhere", ["--annotation=here:a=b"], /unknown place "here"/, /manifest/],
    ["a cache without type", ["--cache-from=src=a"], /type is missing/, /type=registry/],
    ["an attestation without type", ["--attest=mode=max"], /type is missing/, /type=provenance/],
    ["a provenance that is none", ["--provenance=most"], /"most" is not key=value/, /^$/],
    ["rules that are not evaluated", ["--policy=filename=x"], /bktui evaluates none/, /leave it out/],
    [
      "a policy that is off and on",
      ["--policy=disabled=true", "--policy=reset=true"],
      /cannot be combined/,
      /alone/,
    ],
    [
      "a reset that is none",
      ["--cache-to=type=local,dest=d,reset=x"],
      /"x" is no value of reset/,
      /reset=true/,
    ],
    ["a policy that docker refuses too", ["--policy=x"], /"x" is not key=value/, /^$/],
    [
      "no cache at all and of a stage",
      ["--no-cache", "--no-cache-filter=a"],
      /--no-cache and --no-cache-filter/,
      /leave one/,
    ],
    ["an unknown mode of progress", ["--progress=loud"], /--progress loud: no such mode/, /rawjson/],
    ["a tag in capitals", ["-t", "App"], /--tag App: the name must be in lower case/, /--tag app/],
    ["several tags in one", ["--tag=a/b:1,a/b:2"], /not an image name/, /repeat -t/],
    ["a digest that is too short", ["-t", `a@sha256:${"0".repeat(32)}`], /not an image name/, /NAME/],
  ])("%s is refused later, as docker does", (_name, argv, message, hint) => {
    const error = refusal(...argv);
    expect(error.code).toBe("bad-request");
    expect(error.message).toMatch(message);
    expect(error.hint ?? "").toMatch(hint);
  });

  test("--ssh without an agent", () => {
    expect(() => parseArguments(["--ssh", "default"], { env: {}, cwd: "/" })).toThrow(
      /SSH_AUTH_SOCK is not set/,
    );
  });
});

describe("the page on docker's options", () => {
  const page = readFileSync(new URL("../../../../docs/how-to/docker-options.md", import.meta.url), "utf8");
  const tables = page.slice(0, page.indexOf("## What is taken from around"));
  const written = [...tables.matchAll(/^\| (`-[^|]*) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`(-[^`]+)`/g)].map(([, flag]) => flag),
  );

  test("has every option, in its short and its long form, and no other", () => {
    const flags = BUILD_ROWS.flatMap(({ flags: all }) => all.replace(/ <.*/, "").split(", "));
    expect(written.toSorted()).toEqual(flags.toSorted());
  });

  test("has the ones that the help hides in the second table", () => {
    const hidden = page.indexOf("Hidden ones");
    for (const { flags, help } of BUILD_ROWS) {
      const [, long = ""] = /(--[a-z-]+)/.exec(flags) ?? [];
      const at = page.indexOf(`\`${long}\``, page.indexOf("| option |"));
      expect([long, at > hidden]).toEqual([long, help === undefined]);
    }
  });
});
