/** Questions that the engine answers beside the user's build: nothing of them is in its log, and nothing is kept. */
import { Deadline } from "../../base/deadline.ts";
import { BktuiError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import { syntaxImage } from "../../graph/dockerfile-text.ts";
import type { Vertex } from "../../graph/graph.ts";
import { encodeDefinition } from "../../protocol/llb.ts";
import { downloadDefinition } from "../../protocol/llb-url.ts";
import type { SecretMask } from "../../session/secret-mask.ts";
import type { Channel } from "../../transport/channel.ts";
import { RpcError } from "../../transport/rpc-error.ts";
import type { BuildRequest } from "../build-request.ts";
import type { Download, Progress } from "../engine.ts";
import { VertexErrors } from "./failure.ts";
import { askAboutText, type FrontendInputs } from "./frontend.ts";
import { GatewayBuild } from "./gateway-build.ts";
import { askLinked, type LinkedParts } from "./linked-targets.ts";
import { openRequestSession } from "./request-session.ts";
import { readDirectory, readFilePart } from "./state-files.ts";
import { StateQueue } from "./state-queue.ts";
import { statusReader } from "./status-reader.ts";

export interface BesideParts {
  readonly channel: Channel;
  readonly request: BuildRequest;
  readonly env: NodeJS.ProcessEnv;
  readonly mask: SecretMask;
}

type Signal = { readonly signal: AbortSignal };

/** A build beside the user's, without any of its outputs; `given`: its linked targets. @param options.onProgress default: nobody is told */
export async function openBeside(
  { channel, request, env, mask }: BesideParts,
  {
    signal,
    onProgress = () => undefined,
    vertexErrors = new VertexErrors(),
  }: Signal & {
    readonly onProgress?: (progress: Progress) => void;
    readonly vertexErrors?: VertexErrors;
  },
): Promise<AsyncDisposable & { readonly gateway: GatewayBuild; readonly given: FrontendInputs }> {
  const scope = new Scope();
  try {
    const openSession: LinkedParts["openSession"] = async (each) =>
      await openRequestSession(channel, each, env, { signal, onProgress, mask });
    const openGateway: LinkedParts["openGateway"] = (session, report) =>
      new GatewayBuild(channel, {
        session: session.session.id,
        entitlements: [],
        exporters: [],
        internal: true,
        ...statusReader(report, { vertexErrors, mask }),
      });
    const session = scope.own(await openSession(request, { signal }));
    const gateway = scope.own(openGateway(session, onProgress));
    await gateway.ping({ signal });
    const linked = scope.own(await askLinked(request, { openSession, openGateway, onProgress, signal }));
    return {
      gateway,
      given: linked.inputsOf(request),
      [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose](),
    };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
}

/** A flag that no frontend knows: the line with it is refused when the one above was not. */
const NO_FLAG = "bktui-asks";

/**
 * Which of the flags the frontend takes that reads this text: it is asked about each in a file of two lines, and says in
 * which of them it does not know one (BuildKit 0.8 to 0.32). Nothing is built or pulled but what the text's own syntax
 * directive names.
 */
export async function knownFlags(
  parts: BesideParts,
  {
    text,
    keyword,
    flags,
  }: { readonly text: string; readonly keyword: string; readonly flags: readonly string[] },
  { signal }: Signal,
): Promise<readonly string[]> {
  await using beside = await openBeside(parts, { signal });
  const syntax = syntaxImage(text);
  const known: string[] = [];
  for (const flag of flags) {
    const lines = ["FROM scratch", `${keyword} --${flag} a b`, `${keyword} --${NO_FLAG} a b`, ""];
    const file = [...(syntax === undefined ? [] : [`# syntax=${syntax}`]), ...lines].join("\n");
    const refused = await refusalOf(beside.gateway, file, parts.request, { signal });
    if (refused.toLowerCase() !== flag) known.push(flag);
  }
  return known;
}

/** The flag that is not known; another complaint about a flag's value means that the flag is, and gives "". */
async function refusalOf(
  gateway: GatewayBuild,
  text: string,
  request: BuildRequest,
  { signal }: Signal,
): Promise<string> {
  try {
    await askAboutText(gateway, text, request, { signal });
    return "";
  } catch (error) {
    const isParsed = error instanceof RpcError && /parse error/.test(error.message);
    if (!isParsed) throw error;
    return /unknown flag: (?:--)?([\w-]+)/i.exec(error.message)?.[1] ?? "";
  }
}

/** A server that answers slowly has answered at least. */
const DOWNLOAD_MS = 10_000;
const START_BYTES = 512;

/** Fetches what the vertex downloads once more, without comparing it; undefined when that takes longer than some seconds. */
export async function downloadAgain(
  parts: BesideParts,
  vertex: Vertex,
  { signal }: Signal,
): Promise<Download | undefined> {
  using deadline = new Deadline(DOWNLOAD_MS, signal);
  const within = { signal: deadline.signal };
  try {
    await using beside = await openBeside(parts, within);
    const { gateway } = beside;
    const ref = await gateway.solveDefinition(encodeDefinition(downloadDefinition(vertex)), within);
    await using queue = new StateQueue(parts.channel);
    const reads = { channel: parts.channel, queue, metadata: gateway.metadata };
    const [file] = await readDirectory(reads, { ref, path: "/" }, within);
    if (file === undefined) return undefined;
    const place = { ref, path: `/${file.name}`, length: START_BYTES };
    const { bytes } = await readFilePart(reads, place, within);
    return { kind: "file", start: bytes };
  } catch (error) {
    if (error instanceof RpcError && error.code === "engine") return { kind: "refused", text: error.message };
    if (deadline.passed && error instanceof BktuiError) return undefined;
    throw error;
  }
}
