import { expect, test } from "vitest";
import { withEnvironment } from "../../../../src/cli/options/environment-values.ts";
import { PLAIN_BUILD } from "../../../../src/cli/options/plain-build.ts";

function around(env: Readonly<Record<string, string>>, build = PLAIN_BUILD) {
  return withEnvironment(build, { env, cwd: "/src" });
}

test("nothing is taken from an environment that says nothing", () => {
  expect(around({ SOURCE_DATE_EPOCH: "", DOCKER_DEFAULT_PLATFORM: "" })).toEqual(PLAIN_BUILD);
});

test("what is taken is said, with where it is from", () => {
  const build = around({
    SOURCE_DATE_EPOCH: "0",
    DOCKER_DEFAULT_PLATFORM: "linux/arm64/v8",
    EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: "rules.json",
    BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    BUILDX_NO_DEFAULT_LOAD: "1",
    BUILDX_NO_DEFAULT_OCI_ARTIFACT: "t",
  });
  expect(build).toMatchObject({
    buildArgs: { SOURCE_DATE_EPOCH: "0" },
    platform: "linux/arm64",
    sourcePolicy: "/src/rules.json",
    attests: [{ type: "provenance", record: undefined }],
    noDefaultLoad: true,
    noOciArtifact: true,
  });
  expect(build.taken?.map(({ name, from }) => `${name} ${from}`)).toEqual([
    "SOURCE_DATE_EPOCH the environment",
    "DOCKER_DEFAULT_PLATFORM the environment",
    "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY the environment",
    "BUILDX_NO_DEFAULT_ATTESTATIONS the environment",
    "BUILDX_NO_DEFAULT_LOAD the environment",
    "BUILDX_NO_DEFAULT_OCI_ARTIFACT the environment",
  ]);
});

test("what options say counts more", () => {
  const attests = [{ type: "provenance", record: "type=provenance" }];
  const given = { ...PLAIN_BUILD, buildArgs: { SOURCE_DATE_EPOCH: "" }, platform: "linux/arm64", attests };
  const env = {
    SOURCE_DATE_EPOCH: "1",
    DOCKER_DEFAULT_PLATFORM: "linux/386",
    BUILDX_NO_DEFAULT_ATTESTATIONS: "true",
  };
  expect(around(env, given)).toEqual(given);
});
