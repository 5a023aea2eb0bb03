/** The session of one build: what the request lets the engine ask for, and nothing else. */
import { authService } from "../../session/auth.ts";
import { contentService } from "../../session/content.ts";
import type { ContentStore } from "../../session/content-store.ts";
import type { BuildFiles } from "../../session/files/dockerignore.ts";
import type { FileProblem } from "../../session/files/file-problem.ts";
import { type ContextRead, fileSyncService, sharedKeyOf } from "../../session/files/file-sync.ts";
import { type LastingSession, openLastingSession } from "../../session/lasting-session.ts";
import { FileSendService } from "../../session/receive/file-send.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import { secretsService } from "../../session/secrets.ts";
import { openSshService } from "../../session/ssh.ts";
import { type Upload, uploadService } from "../../session/upload.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest } from "../build-request.ts";
import { contextDirectory, contextPlace, sourcePath } from "../build-sources.ts";
import type { Progress } from "../engine.ts";
import type { CredentialsAsked } from "../failures.ts";
import { CredentialAnswers } from "./credential-answers.ts";
import { layoutStores } from "./layouts.ts";
import { allRequests } from "./linked-requests.ts";
import { localCacheStores } from "./local-caches.ts";
import { namedRegistries } from "./named-registries.ts";
import { localNameOf, uploadIdOf } from "./source-options.ts";

/** A session, and what went wrong while it sent files: the engine's own error often names no file. */
export interface RequestSession extends AsyncDisposable {
  readonly session: LastingSession;
  readonly fileProblems: readonly FileProblem[];
  /** Directories that the engine can ask for beside the context, by exact name. */
  readonly directories: Map<string, string>;
  /** Receives outputs. */
  readonly fileSend: FileSendService;
  /** Archives that the engine can fetch, by id. */
  readonly uploads: Map<string, Upload>;
  /** Of the content service; a session without any is asked for none. */
  readonly stores: Map<string, ContentStore>;
  /** Lets the engine ask for the user's credentials for a registry that the build itself does not name. */
  allowRegistry(host: string): void;
  /** What the engine asked for so far. */
  readonly credentials: readonly CredentialsAsked[];
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
  // Images of linked targets are pulled by this session too.
  const named = await Promise.all(allRequests(request).map(namedRegistries));
  const credentials = new CredentialAnswers(onProgress);
  const directories = new Map([
    ...localsOf(request),
    ...request.contexts.flatMap(({ name, from }) =>
      from.kind === "directory" ? [[localNameOf(name), from.path] as const] : [],
    ),
  ]);
  const onLarge = (text: string): void =>
    onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
  const files = fileSyncService(buildFiles(request), {
    directories,
    onLarge,
    ...(onContext === undefined ? {} : { onContext }),
  });
  const onKey = (path: string, text: string): void => mask.sought.add(`ssh key ${path}`, Buffer.from(text));
  const fileSend = new FileSendService();
  const registries = new Set<string>();
  const uploads = new Map<string, Upload>(contextUploads(request));
  const stores = new Map([...layoutStores(request), ...localCacheStores(request)]);
  const services = [
    files,
    // Also of a build without outputs: its states can be exported. What is not expected is refused.
    fileSend,
    uploadService(uploads),
    secretsService(request.secrets, env, mask),
    authService({
      environment: env,
      allows: (host) => registries.has(host) || named.some((allows) => allows(host)),
      onAnswer: (answer) => credentials.add(answer),
      onPassword: (host, password) => mask.sought.add(`password for ${host}`, Buffer.from(password)),
    }),
    // The service must be absent without an agent: its presence says that there is one.
    ...(request.ssh.length > 0 ? [await openSshService(request.ssh, onKey)] : []),
    contentService(stores),
  ];
  const session = await openLastingSession(channel, services, {
    sharedKey: sharedKeyOf(contextDirectory(request) ?? sourcePath(request) ?? contextPlace(request)),
    signal,
  });
  return {
    session,
    fileProblems: files.problems,
    directories,
    fileSend,
    uploads,
    stores,
    allowRegistry: (host) => void registries.add(host),
    credentials: credentials.all,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

function contextUploads({ source }: BuildRequest): readonly (readonly [string, string])[] {
  if (source.kind !== "dockerfile") return [];
  const { context } = source;
  if (typeof context === "string" || context.kind !== "archive") return [];
  return [[uploadIdOf(context.path), context.path]];
}

/** What a build without a Dockerfile may be asked for is sent whole: ignoring is up to what it is read by. */
function localsOf({ source }: BuildRequest): readonly (readonly [string, string])[] {
  return source.kind === "dockerfile" ? [] : Object.entries(source.locals);
}

export function buildFiles(request: BuildRequest): BuildFiles {
  if (request.source.kind !== "dockerfile") return { context: undefined, dockerfile: undefined };
  return { context: contextDirectory(request), dockerfile: sourcePath(request) };
}
