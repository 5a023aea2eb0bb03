/**
 * A container as buildx's driver docker-container has it, on a real dockerd. No buildkitd can be had here: in it `buildctl
 * dial-stdio` is the real `docker buildx dial-stdio` to the same engine, so that what is joined to is BuildKit.
 */
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildxProgram, type ClientHome } from "./client-home.ts";
import type { TestEngine } from "./test-engine.ts";

/** `debug workers` fails as long as the daemon is starting: the first two times. */
const BUILDCTL = `#!/bin/sh
case "$1" in
dial-stdio) exec env HOME=/tmp DOCKER_HOST=unix:///engine.sock /client/docker-buildx dial-stdio ;;
debug) echo asked >>/tmp/asked; test "$(wc -l </tmp/asked)" -gt 2 ;;
esac
`;

/** Created and not started; disposing removes it. */
export async function builderContainer(
  home: ClientHome,
  engine: TestEngine,
  name: string,
): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-buildctl-"));
  const buildctl = join(directory, "buildctl");
  await writeFile(buildctl, BUILDCTL);
  await chmod(buildctl, 0o755);
  const mounts = [
    [engine.dockerHost.replace("unix://", ""), "/engine.sock"],
    [buildctl, "/bin/buildctl"],
    [buildxProgram(), "/client/docker-buildx"],
    // buildx is linked to this system's libc.
    ...["/lib", "/lib64", "/usr"].map((path) => [path, path]),
  ].flatMap(([from, to]) => ["--volume", `${from}:${to}:ro`]);
  await home.docker([
    ...["create", "--name", name, "--network=none", ...mounts],
    ...["busybox:1.36", "sleep", "3600"],
  ]);
  return {
    [Symbol.asyncDispose]: async () => {
      await home.docker(["rm", "--force", name]);
      await rm(directory, { recursive: true });
    },
  };
}
