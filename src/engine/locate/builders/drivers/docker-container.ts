/** buildx's driver docker-container: a buildkitd in a container of a docker. */
import { setTimeout } from "node:timers/promises";
import { BktuiError, throwIfCancelled } from "../../../../base/errors.ts";
import type { FinishedProgram } from "../../../private/system/run-program.ts";
import { ask, type Command, wordsOf } from "../programs.ts";
import { bootstrap } from "./bootstrap.ts";
import { dockerCommand } from "./docker-endpoint.ts";
import type { Driver, Reaching } from "./driver.ts";

/** As often, and with as much more time between, as buildx 0.37 asks a buildkitd that was just started. */
const TRIES = 15;
const STEP_MS = 120;

/** The container of a node is named after it (buildx 0.13 to 0.37). */
export const dockerContainer: Driver = async (builder, node, reaching) => {
  const container = `buildx_buildkit_${node.name}`;
  const docker = await dockerCommand(node.endpoint, reaching.env);
  let status = await statusOf(docker, container, reaching);
  if (status === undefined) {
    await bootstrap(builder, `its container ${container}`, reaching);
    status = await statusOf(docker, container, reaching);
  }
  if (status === "paused")
    throw new BktuiError("engine-unreachable", `its container ${container} is paused`, {
      hint: `Run: docker unpause ${container}`,
    });
  if (status !== "running") await start(docker, container, reaching);
  const text = `docker-container://${container}`;
  const args = [...docker.args, "exec", "-i", container, "buildctl", "dial-stdio"];
  return { kind: "buildkitd", socket: { ...docker, kind: "command", speaks: "buildkitd", args, text }, text };
};

/** "running", "exited", "created", "paused" …; undefined = there is no such container. */
async function statusOf(docker: Command, container: string, reaching: Reaching): Promise<string | undefined> {
  const words = ["container", "inspect", "--format", "{{.State.Status}}", container];
  const answer = await run(docker, words, reaching);
  if (answer.exitCode === 0) return answer.stdout.trim();
  if (/no such container/i.test(answer.stderr)) return undefined;
  throw new BktuiError("engine-unreachable", `cannot ask its docker: ${wordsOf(answer)}`, {
    hint: "Check that the docker of the builder runs; docker buildx inspect shows it.",
  });
}

async function start(docker: Command, container: string, reaching: Reaching): Promise<void> {
  if (!reaching.mayStart)
    throw new BktuiError(
      "not-now",
      `its container ${container} does not run; bktui starts it when it is used`,
    );
  reaching.onProgress(`starting the container ${container}`);
  const started = await run(docker, ["container", "start", container], reaching);
  if (started.exitCode !== 0)
    throw new BktuiError(
      "engine-unreachable",
      `its container ${container} cannot be started: ${wordsOf(started)}`,
    );
  await untilReady(docker, container, reaching);
}

async function untilReady(docker: Command, container: string, reaching: Reaching): Promise<void> {
  for (let trial = 1; ; trial++) {
    const answer = await run(docker, ["exec", container, "buildctl", "debug", "workers"], reaching);
    if (answer.exitCode === 0) return;
    if (trial > TRIES) {
      const log = await run(docker, ["container", "logs", "--tail", "3", container], reaching);
      const last = log.exitCode === 0 ? `; its last words: ${wordsOf(log)}` : "";
      throw new BktuiError(
        "engine-unreachable",
        `the buildkitd in the container ${container} does not get ready: ${wordsOf(answer)}${last}`,
        { hint: `docker logs ${container} tells more.` },
      );
    }
    await setTimeout(trial * STEP_MS, undefined, { signal: reaching.signal }).catch(() =>
      throwIfCancelled(reaching.signal),
    );
  }
}

async function run(docker: Command, words: readonly string[], reaching: Reaching): Promise<FinishedProgram> {
  return await ask({ ...docker, args: [...docker.args, ...words] }, reaching);
}
