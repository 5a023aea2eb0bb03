/** One long Control.Solve without a frontend, and the gateway calls made under its build id. */
import type { moby, pb } from "#proto";
import { Deadline } from "../../base/deadline.ts";
import { BktuiError, throwIfCancelled } from "../../base/errors.ts";
import { returnBuild } from "../../protocol/containers.ts";
import { bridge, buildRef, control } from "../../protocol/methods.ts";
import { CallGroup } from "../../transport/call-group.ts";
import type { CallOptions, Channel } from "../../transport/channel.ts";
import { grpcCode, RpcError } from "../../transport/rpc-error.ts";
import { type Caches, frontendImports, NO_CACHES } from "./caches.ts";
import type { Exporter } from "./exporters.ts";
import { newId } from "./ids.ts";
import type { SourcePolicy } from "./source-policy.ts";

/** Ping answers at once, or within 3 s when the solve is not registered yet. */
const PING_DEADLINE_MS = 15_000;
/** A suspended engine must not keep anybody from leaving. */
const RETURN_DEADLINE_MS = 3_000;
/** The stream of reports ends with the build, in milliseconds. */
const REPORT_DEADLINE_MS = 1_000;

export type Pong = moby.buildkit.v1.frontend.PongResponse.$Shape;
export type FrontendResult = moby.buildkit.v1.frontend.Result.$Shape;

export interface GatewayBuildOptions {
  readonly session: string;
  readonly entitlements: readonly string[];
  /** In their order; BuildKit < 0.13 knows the first one only. */
  readonly exporters: readonly Exporter[];
  /** What exporters and attestations are told of the frontend's options; nothing is run by them. */
  readonly attributes?: Readonly<Record<string, string>>;
  /** Default: none. */
  readonly caches?: Caches | undefined;
  /** Default: none. */
  readonly sourcePolicy?: SourcePolicy | undefined;
  /** Leaves no record in the engine's build history (ignored by BuildKit < 0.11). */
  readonly internal: boolean;
  /** The next message comes when the promise has resolved. */
  readonly onStatus: (status: moby.buildkit.v1.StatusResponse.$Shape) => void | Promise<void>;
  /** No more progress comes, though the build goes on. */
  readonly onStatusLost?: (error: BktuiError) => void;
}

/** Disposing ends the build in the engine and waits until it has. */
export class GatewayBuild implements AsyncDisposable {
  readonly ref = newId();
  /** What every gateway call of this build carries. */
  readonly metadata = buildRef(this.ref);
  /** Settles when the engine has ended the build; resolves with what the exporter answered. */
  readonly ended: Promise<Readonly<Record<string, string>>>;
  readonly #channel: Channel;
  readonly #caches: Caches;
  readonly #calls = new CallGroup();
  readonly #outer = new AbortController();
  readonly #status: Promise<void>;
  #returned = false;

  constructor(channel: Channel, options: GatewayBuildOptions) {
    this.#channel = channel;
    this.#caches = options.caches ?? NO_CACHES;
    this.ended = channel
      .unary(control.solve, solveRequest(this.ref, options), { signal: this.#outer.signal })
      .then((response) => ({ ...response.ExporterResponse }));
    // Whoever needs the outcome looks at `ended` itself.
    this.ended.catch(() => undefined);
    this.#status = this.#readStatus(options);
  }

  /** Waits until the engine has registered the build; a refused build (entitlement, exporter, session) rejects. */
  async ping({ signal }: { readonly signal: AbortSignal }): Promise<Pong> {
    const refused = this.ended.then(() => {
      throw new BktuiError("engine", "the engine ended the build before it began");
    });
    const pong = this.#channel.unary(
      bridge.ping,
      {},
      {
        metadata: this.metadata,
        deadlineMs: PING_DEADLINE_MS,
        ...this.#until(signal),
      },
    );
    pong.catch(() => undefined);
    return await Promise.race([pong, refused]);
  }

  /** Runs the frontend; evaluates nothing (BuildKit < 0.13 mishandles that, protocol-wise). */
  async solveFrontend(
    frontend: string,
    options: Readonly<Record<string, string>>,
    inputs: Readonly<Record<string, pb.Definition.$Properties>>,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<FrontendResult> {
    const response = await this.#channel.unary(
      bridge.solve,
      {
        Frontend: frontend,
        FrontendOpt: { ...options, ...frontendImports(this.#caches) },
        FrontendInputs: { ...inputs },
        allowResultReturn: true,
        allowResultArrayRef: true,
      },
      { metadata: this.metadata, ...this.#until(signal) },
    );
    return response.result ?? {};
  }

  /**
   * Solves an encoded definition now. Resolves with the ref id of its result. Nothing but that is asked for: with `allowResultArrayRef`
   * the whole definition comes back in each answer (BuildKit 0.8 to 0.32).
   */
  async solveDefinition(
    definition: Uint8Array,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<string> {
    const how = { allowResultReturn: true, CacheImports: [...this.#caches.imports] };
    const response = await this.#channel.unary(
      bridge.solve,
      { Definition: definition, Evaluate: true, ...how },
      { metadata: this.metadata, ...this.#until(signal) },
    );
    return response.result?.refDeprecated ?? "";
  }

  /** Ends the build with a result: its exporter runs. */
  async finish(
    result: FrontendResult,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Readonly<Record<string, string>>> {
    this.#returned = true;
    // Exporting is the outer solve's own work: only its end stops it.
    const stop = (): void => this.#outer.abort();
    signal.addEventListener("abort", stop, { once: true });
    try {
      throwIfCancelled(signal);
      await returnBuild(
        this.#channel,
        { kind: "result", result },
        { metadata: this.metadata, ...this.#until(signal) },
      );
      const answer = await this.ended;
      await this.#reported();
      return answer;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Steps whose own solve is still open would run on: those first.
    this.#calls.end();
    if (!this.#returned && !this.#channel.lost.aborted) {
      this.#returned = true;
      const cancelled = {
        kind: "error",
        code: grpcCode.cancelled,
        message: "closed by the debugger",
      } as const;
      // The build may have ended by itself; then there is nothing left to return from.
      await returnBuild(this.#channel, cancelled, {
        metadata: this.metadata,
        deadlineMs: RETURN_DEADLINE_MS,
      }).catch(() => this.#outer.abort());
    }
    const settled = this.ended.then(
      () => undefined,
      () => undefined,
    );
    using patience = new Deadline(RETURN_DEADLINE_MS);
    const waited = new AbortController();
    const either = [this.#channel.lost, patience.signal].map((signal) => onAbort(signal, waited.signal));
    await Promise.race([settled, ...either]);
    // The connection lives on and would keep what listens to it.
    waited.abort();
    this.#outer.abort();
    await this.#status;
  }

  /** BuildKit 0.8 answers before it has told of the exporter's end. */
  async #reported(): Promise<void> {
    using patience = new Deadline(REPORT_DEADLINE_MS);
    const waited = new AbortController();
    await Promise.race([this.#status, onAbort(patience.signal, waited.signal)]);
    waited.abort();
  }

  /** A call of this build ends with it. */
  #until(signal: AbortSignal): Pick<CallOptions, "signal" | "within"> {
    return { signal, within: this.#calls };
  }

  async #readStatus({ onStatus, onStatusLost }: GatewayBuildOptions): Promise<void> {
    try {
      const { signal } = this.#outer;
      await this.#channel.follow(control.status, { Ref: this.ref }, { signal, take: onStatus });
    } catch (error) {
      if (!(error instanceof BktuiError)) throw error;
      // The stream ends with the build or the connection; both are told elsewhere.
      if (isUnreadable(error)) onStatusLost?.(error);
    }
  }
}

function solveRequest(ref: string, options: GatewayBuildOptions): moby.buildkit.v1.SolveRequest.$Properties {
  const { exporters, attributes = {} } = options;
  const [first] = exporters;
  return {
    Ref: ref,
    Session: options.session,
    Frontend: "",
    FrontendAttrs: { ...attributes },
    Cache: { Exports: [...(options.caches?.exports ?? [])] },
    Entitlements: [...options.entitlements],
    Internal: options.internal,
    ...(options.sourcePolicy === undefined ? {} : { SourcePolicy: options.sourcePolicy }),
    // New engines read Exporters, those before 0.13 the deprecated pair; both are set.
    ...(first === undefined
      ? {}
      : {
          ExporterDeprecated: first.type,
          ExporterAttrsDeprecated: { ...first.attributes },
          Exporters: exporters.map(({ type, attributes: Attrs }) => ({ Type: type, Attrs: { ...Attrs } })),
        }),
  };
}

/** A message that is garbled or over the limit: these codes are grpc-js's own. */
function isUnreadable(error: BktuiError): boolean {
  const unreadable: readonly number[] = [grpcCode.internal, grpcCode.resourceExhausted];
  return error instanceof RpcError && unreadable.includes(error.grpcCode);
}

/** Never resolves once `waited` has fired. */
function onAbort(signal: AbortSignal, waited: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true, signal: waited });
  });
}
