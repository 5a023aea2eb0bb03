/** What `bktui engine` does, as text. */
import { unreachable } from "../../base/errors.ts";
import { howToAttach } from "./daemon/delve.ts";
import {
  type PrivateEngine,
  purgePrivateEngine,
  startPrivateEngine,
  statusOf,
  stopPrivateEngine,
} from "./private-engine.ts";
import { defaultEngineDirectory } from "./system/cache-directories.ts";

export interface EngineCommandOptions {
  readonly kind?: "auto" | "dockerd" | "buildkitd" | undefined;
  readonly suite?: string | undefined;
  /** Default: the user's own engine, `defaultEngineDirectory()`. */
  readonly directory?: string | undefined;
  /** Storage directory of a docker-registry, see `startPrivateEngine`. */
  readonly registry?: string | undefined;
  /** Attach dlv, listening there; see `startPrivateEngine`. */
  readonly delve?: string | undefined;
  /** See `startPrivateEngine`. */
  readonly containerdStore?: boolean | undefined;
  readonly onProgress: (line: string) => void;
}

/** Text for standard output without the last line end; 0 = done, 3 = `status` of an engine that does not run. */
export interface EngineCommandResult {
  readonly text: string;
  readonly exitCode: number;
}

/**
 * What `bktui engine start|stop|status|purge` does.
 * @throws {BktuiError} what start, stop and purge throw.
 */
export async function engineCommand(
  action: "start" | "stop" | "status" | "purge",
  options: EngineCommandOptions,
  { signal }: { readonly signal: AbortSignal },
): Promise<EngineCommandResult> {
  const directory = options.directory ?? defaultEngineDirectory();
  switch (action) {
    case "start": {
      const engine = await startPrivateEngine(
        { ...options, kind: options.kind ?? "auto", directory },
        { signal },
      );
      return { text: describeEngine(engine), exitCode: 0 };
    }
    case "stop": {
      const ran = await stopPrivateEngine(directory, { signal });
      return { text: ran ? "stopped; its build cache stays" : "does not run", exitCode: 0 };
    }
    case "status": {
      const status = await statusOf(directory);
      if (status.kind === "stopped") return { text: "does not run", exitCode: 3 };
      return { text: describeEngine(status.engine), exitCode: 0 };
    }
    case "purge":
      await purgePrivateEngine(directory, { signal });
      return { text: `removed ${directory}`, exitCode: 0 };
    default:
      return unreachable(action);
  }
}

function describeEngine(engine: PrivateEngine): string {
  const { address, version, suite, network, notes, directory, binDir, delve, containerdStore } = engine;
  const variable = address.kind === "dockerd" ? "DOCKER_HOST" : "BUILDKIT_HOST";
  const from = suite === undefined ? "installed programs" : `packages of ${suite}`;
  return [
    `${address.kind} ${version} runs (${from})`,
    `  address    ${address.text}`,
    `  directory  ${directory}`,
    `  network    ${networks[network]}`,
    ...(containerdStore ? ["  images     in containerd's store"] : []),
    ...notes.map((note) => `  note       ${note}`),
    ...(binDir === undefined ? [] : [`  programs   ${binDir}`]),
    ...(delve === undefined ? [] : [`  debugger   dlv at ${delve}, for this user`]),
    `To use it elsewhere: export ${variable}=${address.text}`,
    ...(delve === undefined ? [] : howToAttach(delve)),
  ].join("\n");
}

const networks = {
  nat: "steps reach the internet (its own network, through slirp4netns)",
  isolated: "steps reach nothing outside",
  host: "steps use this machine's network",
} as const;
