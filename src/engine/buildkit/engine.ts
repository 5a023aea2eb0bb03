/** The port's Engine over one gRPC channel to a dockerd or buildkitd. */

import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { shortWords } from "../../base/limits.ts";
import { Scope } from "../../base/scope.ts";
import type { Vertex } from "../../graph/graph.ts";
import { opText } from "../../protocol/op-text.ts";
import { readIgnore } from "../../session/files/dockerignore.ts";
import type { ContextRead } from "../../session/files/file-sync.ts";
import { checkContext } from "../../session/files/preflight.ts";
import { passwordOf } from "../../session/passwords.ts";
import { SecretMask } from "../../session/secret-mask.ts";
import { knowSecrets, seekSecrets } from "../../session/secrets.ts";
import type { Address } from "../../transport/address.ts";
import type { Channel } from "../../transport/channel.ts";
import type { BuildRequest, TakenValue } from "../build-request.ts";
import { contextDirectory } from "../build-sources.ts";
import type {
  Build,
  ContextTree,
  Download,
  Engine,
  EngineInfo,
  FrontendReply,
  OpenOptions,
  Progress,
} from "../engine.ts";
import { type BesideParts, downloadAgain, knownFlags } from "./beside.ts";
import { BuildkitBuild } from "./build.ts";
import { type Connection, openConnection, type Place } from "./connection.ts";
import { openContextTree } from "./context-tree.ts";
import type { FindRootDirectory } from "./debug-root.ts";
import { frontendOptions } from "./frontend-options.ts";
import { withHostGateway } from "./host-gateway.ts";
import { withDigests } from "./layouts.ts";
import { changedAll } from "./linked-requests.ts";
import { withLocalCaches } from "./local-caches.ts";
import type { OutputPlaces } from "./outputs.ts";
import { answersWithin } from "./pulse.ts";
import type { RawReports } from "./raw-reports.ts";
import { buildFiles, openRequestSession } from "./request-session.ts";
import { subrequest } from "./subrequest.ts";
import { urlSecrets } from "./url-secrets.ts";

export interface ConnectOptions {
  readonly signal: AbortSignal;
  /** Where the choice of this engine came from, for Info and the first row. */
  readonly origin: string;
  /** Environment of bktui, for secrets from variables and the docker configuration. */
  readonly env: NodeJS.ProcessEnv;
  /**
   * Finds the engine again after its connection was lost, by the same choice as the first time; it may start it.
   * Default: the same address.
   */
  readonly relocate?: ((options: { readonly signal: AbortSignal }) => Promise<Place>) | undefined;
  /** Build arguments that are given to every build unless it has them; `taken`: the same for people. */
  readonly defaults?: { readonly args: BuildRequest["buildArgs"]; readonly taken: readonly TakenValue[] };
  /** Programs of this machine for the debug root; default: there are none. */
  readonly findRootDirectory?: FindRootDirectory | undefined;
  /** Where outputs may go beside files; default: nowhere. */
  readonly places?: OutputPlaces | undefined;
  /** Gets all that builds report; default: nobody does. */
  readonly reports?: RawReports | undefined;
}

/** Builds end with their connection, but the engine stays usable: the next `open` makes a new one. */
export class BuildkitEngine implements Engine {
  readonly #env: NodeJS.ProcessEnv;
  readonly #relocate: (options: { readonly signal: AbortSignal }) => Promise<Place>;
  readonly #findRootDirectory: FindRootDirectory | undefined;
  readonly #defaults: NonNullable<ConnectOptions["defaults"]>;
  readonly #places: OutputPlaces;
  readonly #reports: RawReports | undefined;
  readonly #builds = new Set<Build>();
  /** Of all builds: what an earlier one handed out is still in its log. */
  readonly #mask = new SecretMask();
  #connection: Connection;
  /** Of the last build, by directory. */
  readonly #contextReads = new Map<string | undefined, ContextRead>();

  /** @throws {BktuiError} "engine-unreachable" with the reason in words. */
  static async connect(address: Address, options: ConnectOptions): Promise<BuildkitEngine> {
    const place = { address, origin: options.origin };
    const relocate = options.relocate ?? (async () => place);
    return new BuildkitEngine(await openConnection(place, options), { ...options, relocate });
  }

  private constructor(
    connection: Connection,
    {
      env,
      relocate,
      findRootDirectory,
      defaults = { args: {}, taken: [] },
      places = {},
      reports,
    }: Pick<ConnectOptions, "env" | "findRootDirectory" | "defaults" | "places" | "reports"> & {
      readonly relocate: (options: { readonly signal: AbortSignal }) => Promise<Place>;
    },
  ) {
    this.#connection = connection;
    this.#env = env;
    this.#relocate = relocate;
    this.#findRootDirectory = findRootDirectory;
    this.#places = places;
    this.#reports = reports;
    this.#defaults = defaults;
    for (const value of Object.values(defaults.args)) {
      const password = passwordOf(value);
      if (password !== undefined) this.#mask.add(Buffer.from(password), "password of a proxy");
    }
  }

  get info(): EngineInfo {
    const { taken } = this.#defaults;
    return taken.length === 0 ? this.#connection.info : { ...this.#connection.info, taken };
  }

  async open(asked: BuildRequest, options: OpenOptions): Promise<Build> {
    const { channel, info, pulse } = await this.#liveConnection(options);
    const reports = this.#reports;
    const onOwn = (progress: Progress): void => {
      reports?.tell(progress);
      options.onProgress(progress);
    };
    const own = { signal: options.signal, onProgress: onOwn };
    const request = await changedAll(asked, (each) => this.#completed(channel, each, own));
    await knowSecrets(request.secrets, this.#env, this.#mask);
    await using scope = new Scope();
    const listening = scope.own(new Listening(pulse.listen((answering) => options.onAnswering?.(answering))));
    // Beside the frontend's work: nothing of the build runs before the definition is here.
    const warned = warnOfUnreadable(request, own);
    const build = await BuildkitBuild.open(
      {
        channel,
        engine: info,
        request,
        env: this.#env,
        listening,
        mask: this.#mask,
        onProgress: options.onProgress,
        onOwn,
        reports,
        findRootDirectory: this.#findRootDirectory,
        places: this.#places,
      },
      (each, { signal }) =>
        openRequestSession(channel, each, this.#env, {
          signal,
          onProgress: onOwn,
          onContext: (read) => {
            this.#contextReads.set(contextDirectory(each), read);
          },
          mask: this.#mask,
        }),
      { signal: options.signal },
    );
    scope.own(build);
    await warned;
    this.#builds.add(build);
    // A build of an earlier attempt must not be kept for the whole session.
    listening.forget = () => this.#builds.delete(build);
    return scope.release(() => build);
  }

  /** Whether the engine says anything within the time; a lost connection is no silence. */
  async answers(withinMs: number): Promise<boolean> {
    return await answersWithin(this.#connection.channel, withinMs);
  }

  async contextTree(request: BuildRequest): Promise<ContextTree> {
    return await openContextTree(buildFiles(request), this.#contextReads.get(contextDirectory(request)));
  }

  async knownFlags(
    ...[request, asked, options]: Parameters<Engine["knownFlags"]>
  ): Promise<readonly string[]> {
    return await knownFlags(this.#beside(request), asked, options);
  }

  async subrequest(
    asked: BuildRequest,
    name: string,
    options: Parameters<Engine["subrequest"]>[2],
  ): Promise<FrontendReply> {
    const { channel } = await this.#liveConnection(options);
    const request = await changedAll(asked, (each) => this.#completed(channel, each, options));
    return await subrequest({ channel, request, env: this.#env, mask: this.#mask }, name, options);
  }

  async downloadAgain(
    ...[request, vertex, options]: Parameters<Engine["downloadAgain"]>
  ): Promise<Download | undefined> {
    return await downloadAgain(this.#beside(request), vertex, options);
  }

  /** Never on a new connection: to give up the one there is would end a build that may be open, with its shells. */
  #beside(request: BuildRequest): BesideParts {
    const { channel, pulse } = this.#connection;
    if (channel.lost.aborted) throw toBktuiError(channel.lost.reason, "engine-unreachable");
    if (pulse.isSilent) throw new BktuiError("not-now", "the engine does not answer now");
    // Nothing that is asked there is about a named context.
    return { channel, request: { ...request, contexts: [], linked: [] }, env: this.#env, mask: this.#mask };
  }

  masked(text: string): string {
    return this.#mask.text(text);
  }

  async writeBundle(...[bundle, order]: Parameters<Engine["writeBundle"]>): Promise<number> {
    const [{ writeBundle }, { hideSecrets }] = await Promise.all([
      import("../bundles/write-bundle.ts"),
      import("../bundles/hide-secrets.ts"),
    ]);
    const { request } = bundle;
    for (const secret of urlSecrets(request)) this.#mask.add(Buffer.from(secret), "password in a URL");
    await seekSecrets(request.secrets, this.#env, this.#mask);
    const attributes = frontendOptions(await withDigests(request));
    const masked = (text: string): string => hideSecrets(text, this.#mask);
    return await writeBundle(bundle, { ...order, attributes, masked });
  }

  opText({ bytes }: Vertex): string {
    return opText(bytes);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#builds].map((build) => build[Symbol.asyncDispose]()));
    await this.#connection.channel[Symbol.asyncDispose]();
  }

  /** With what only this engine, this machine's files and docker's configuration know. */
  async #completed(
    channel: Channel,
    asked: BuildRequest,
    options: Pick<OpenOptions, "signal" | "onProgress">,
  ): Promise<BuildRequest> {
    const onWarning = (text: string): void =>
      options.onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
    for (const secret of urlSecrets(asked)) this.#mask.add(Buffer.from(secret), "password in a URL");
    const ownImages = this.#connection.info.kind === "dockerd";
    const given = { ...withDefaults(asked, this.#defaults.args), ownImages };
    return await withLocalCaches(
      await withDigests(await withHostGateway(channel, given, options)),
      onWarning,
    );
  }

  /** The connection of an engine that does not answer is given up too: whoever opens a build then wants it anew. */
  async #liveConnection({ signal }: { readonly signal: AbortSignal }): Promise<Connection> {
    const { channel, pulse } = this.#connection;
    if (!channel.lost.aborted && !pulse.isSilent) return this.#connection;
    await channel[Symbol.asyncDispose]();
    this.#connection = await openConnection(await this.#relocate({ signal }), { signal });
    return this.#connection;
  }
}

/** What the request has under any case of a name counts, as for docker. */
function withDefaults(request: BuildRequest, args: BuildRequest["buildArgs"]): BuildRequest {
  const given = new Set(Object.keys(request.buildArgs).map((name) => name.toLowerCase()));
  const missing = Object.entries(args).filter(([name]) => !given.has(name.toLowerCase()));
  if (missing.length === 0) return request;
  return { ...request, buildArgs: { ...request.buildArgs, ...Object.fromEntries(missing) } };
}

/** Names what the context holds and cannot be read, before anything runs; a step that needs it fails by name. */
async function warnOfUnreadable(request: BuildRequest, { signal, onProgress }: OpenOptions): Promise<void> {
  const directory = contextDirectory(request);
  if (directory === undefined) return;
  try {
    const ignore = await readIgnore(buildFiles(request));
    for (const { path, reason } of await checkContext(directory, ignore, { signal })) {
      const text = `context file ${JSON.stringify(shortWords(path))} cannot be read: ${reason}; a step that copies it will fail`;
      onProgress({ kind: "warning", vertex: undefined, text, ranges: [] });
    }
  } catch (error) {
    // The session meets the same obstacle and reports it as the build's failure.
    if (!(error instanceof BktuiError)) throw error;
  }
}

/** What ends with a build: its ear at the engine's pulse, and the engine's memory of it. */
class Listening implements Disposable {
  readonly #ear: Disposable;
  forget: () => void = () => undefined;

  constructor(ear: Disposable) {
    this.#ear = ear;
  }

  [Symbol.dispose](): void {
    this.#ear[Symbol.dispose]();
    this.forget();
  }
}
