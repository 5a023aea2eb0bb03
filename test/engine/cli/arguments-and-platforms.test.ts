/** Build arguments, platforms and secrets in the ways in which people give them: the steps see what docker's see. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { forEachEngine } from "../../support/engines.ts";
import { type Around, buildBoth, printed } from "../../support/same-image.ts";

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "bktui-given-"));
});
afterEach(() => rm(cwd, { recursive: true }));

const ARGUMENTS = [
  "FROM busybox:1.36",
  "ARG WITH=default",
  "ARG NONE",
  "ARG EMPTY=",
  'RUN echo "WITH=$WITH NONE=$NONE EMPTY=$EMPTY"; env | grep -E "^(WITH|NONE|EMPTY)=" | sort',
  "",
];
const PLATFORMS = [
  "FROM --platform=$BUILDPLATFORM busybox:1.36 AS build",
  "ARG TARGETPLATFORM TARGETOS TARGETARCH TARGETVARIANT BUILDPLATFORM BUILDARCH",
  'RUN echo "on $BUILDPLATFORM for $TARGETPLATFORM ($TARGETOS/$TARGETARCH$TARGETVARIANT)" | tee /made',
  "FROM scratch",
  "COPY --from=build /made /made",
  "",
];
const SECRETS = [
  "FROM busybox:1.36",
  "RUN --mount=type=secret,id=TOK wc -c /run/secrets/TOK || echo none",
  "RUN --mount=type=secret,id=file,target=/f wc -c /f || echo none",
  "",
];

forEachEngine((engine) => {
  async function same(
    lines: readonly string[],
    args: readonly string[],
    { env = {}, load = false }: Pick<Around, "env" | "load"> = {},
  ): Promise<readonly string[]> {
    await writeFile(join(cwd, "Dockerfile"), lines.join("\n"));
    const { docker, ours } = await buildBoth(engine, ["--no-cache", ...args, "."], { cwd, env, load });
    expect([ours.exitCode, printed(ours).toSorted()]).toEqual([docker.exitCode, printed(docker).toSorted()]);
    return printed(ours);
  }

  test.each<[readonly string[], Readonly<Record<string, string>>]>([
    [[], {}],
    [["--build-arg", "WITH", "--build-arg", "NONE"], {}],
    [["--build-arg", "WITH=", "--build-arg", "NONE="], {}],
    [["--build-arg", "WITH", "--build-arg", "NONE"], { WITH: "", NONE: "from-env" }],
    [["--build-arg", "NOBODY=x"], {}],
    [["--build-arg", "WITH= a=b, \"c\" 'd' $e\\n"], {}],
    [["--build-arg", "WITH=1", "--build-arg", "WITH=2"], {}],
  ])("arguments %j with %j", async (args, env) => {
    expect(await same(ARGUMENTS, args, { env })).not.toEqual([]);
  });

  test.each([
    "linux/amd64",
    "arm64",
    "linux/arm64/v8",
    "linux/arm/v7",
    "windows/amd64",
    "linux/x86_64",
    "darwin",
  ])("a cross build for %s", async (platform) => {
    // With the image, which a dockerd refuses for another system.
    await same(PLATFORMS, ["--platform", platform], { load: true });
  });

  test.each<[readonly string[], Readonly<Record<string, string>>]>([
    [[], {}],
    [["--secret", "id=TOK", "--secret", "id=file,src=Dockerfile"], { TOK: "value" }],
    [["--secret", "id=TOK,env=UNSET", "--secret", "type=file,id=file,source=Dockerfile"], {}],
    [
      ["--secret", "id=TOK,type=env,src=OTHER", "--secret", "id=file,env=OTHER,src=Dockerfile"],
      { OTHER: "12" },
    ],
    [["--secret", "id=TOK,env=A", "--secret", "id=TOK,env=B"], { A: "1", B: "22" }],
  ])("secrets %j with %j", async (args, env) => {
    expect(await same(SECRETS, args, { env })).not.toEqual([]);
  });
});
