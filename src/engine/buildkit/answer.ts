/** What a build is made of: what its frontend answers, or a definition that is there already. */
import type { BuildRequest } from "../build-request.ts";
import type { CredentialsAsked } from "../failures.ts";
import { askFrontend, type FrontendInputs } from "./frontend.ts";
import type { FrontendResult, GatewayBuild } from "./gateway-build.ts";

export interface AnswerOptions {
  readonly signal: AbortSignal;
  /** Grows while the engine asks for them. */
  readonly credentials: readonly CredentialsAsked[];
  readonly given: FrontendInputs;
  /** Something that the user should know. */
  readonly onWarning: (text: string) => void;
}

/** @throws {FrontendFailed} when the frontend refuses, {BktuiError} "bad-request" for a definition with its place. */
export async function answerTo(
  gateway: GatewayBuild,
  request: BuildRequest,
  { onWarning, ...options }: AnswerOptions,
): Promise<FrontendResult> {
  const { source } = request;
  if (source.kind !== "definition") return await askFrontend(gateway, request, options);
  const { readDefinition } = await import("./definition-file.ts");
  const { answer, notes } = await readDefinition(request, source);
  for (const note of notes) onWarning(note);
  return answer;
}
