/** The session of one build: what the request lets the engine ask for, and nothing else. */
import { readFile } from "node:fs/promises";
import { BktuiError } from "../../base/errors.ts";
import { registryHosts } from "../../graph/registries.ts";
import { authService, type CredentialsAnswer } from "../../session/auth.ts";
import type { BuildFiles } from "../../session/files/dockerignore.ts";
import { describeSystemError, type FileProblem } from "../../session/files/file-problem.ts";
import { type ContextRead, fileSyncService, sharedKeyOf } from "../../session/files/file-sync.ts";
import { type LastingSession, openLastingSession } from "../../session/lasting-session.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import { secretsService } from "../../session/secrets.ts";
import { openSshService } from "../../session/ssh.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest, Progress } from "../engine.ts";
import { CredentialAnswers } from "./credential-answers.ts";

/** A session, and what went wrong while it sent files: the engine's own error often names no file. */
export interface RequestSession extends AsyncDisposable {
  readonly session: LastingSession;
  readonly fileProblems: readonly FileProblem[];
  /** Directories that the engine can ask for beside the context, by exact name. */
  readonly directories: Map<string, string>;
  /** What the engine asked for so far. */
  readonly credentials: readonly CredentialsAnswer[];
}

export async function openRequestSession(
  channel: Channel,
  request: BuildRequest,
  env: NodeJS.ProcessEnv,
  {
    signal,
    onProgress,
    onContext,
    mask,
  }: {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: Progress) => void;
    readonly onContext?: (read: ContextRead) => void;
    /** Learns the values that are handed out. */
    readonly mask: SecretMask;
  },
): Promise<RequestSession> {
  const texts = [await dockerfileText(request.dockerfile)];
  if (request.debugImage !== undefined) texts.push(`FROM ${request.debugImage}`);
  const hosts = registryHosts(texts.join("\n"), request.buildArgs);
  const credentials = new CredentialAnswers(onProgress);
  const directories = new Map<string, string>();
  const onLarge = (text: string): void =>
    onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
  const files = fileSyncService(buildFiles(request), {
    directories,
    onLarge,
    ...(onContext === undefined ? {} : { onContext }),
  });
  const services = [
    files,
    secretsService(request.secrets, env, mask),
    authService({
      environment: env,
      allows: (host) => hosts.has(host),
      onAnswer: (answer) => credentials.add(answer),
    }),
    // The service must be absent without an agent: its presence says that there is one.
    ...(request.ssh.length > 0 ? [await openSshService(request.ssh)] : []),
  ];
  const session = await openLastingSession(channel, services, {
    sharedKey: sharedKeyOf(request.context),
    signal,
  });
  return {
    session,
    fileProblems: files.problems,
    directories,
    credentials: credentials.all,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

export function buildFiles(request: BuildRequest): BuildFiles {
  return { context: request.context, dockerfile: request.dockerfile };
}

async function dockerfileText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new BktuiError("io", `cannot read the Dockerfile ${path}: ${describeSystemError(error)}`, {
      cause: error,
      hint: "restore the file, then rerun",
    });
  }
}
