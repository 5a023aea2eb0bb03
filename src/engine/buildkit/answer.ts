/** What a build is made of: what its frontend answers, or a definition that is there already. */
import type { BuildRequest } from "../build-request.ts";
import { askFrontend, type FrontendInputs } from "./frontend.ts";
import type { FrontendResult, GatewayBuild } from "./gateway-build.ts";
import type { RequestSession } from "./request-session.ts";

export interface AnswerOptions {
  readonly signal: AbortSignal;
  readonly given: FrontendInputs;
  /** Of the build. */
  readonly session: Pick<RequestSession, "session" | "credentials">;
  /** Something that the user should know. */
  readonly onWarning: (text: string) => void;
}

/** @throws {FrontendFailed} when the frontend refuses, {BktuiError} "bad-request" for a definition with its place. */
export async function answerTo(
  gateway: GatewayBuild,
  request: BuildRequest,
  { onWarning, session, ...options }: AnswerOptions,
): Promise<FrontendResult> {
  const { source } = request;
  const { credentials } = session;
  if (source.kind !== "definition") return await askFrontend(gateway, request, { ...options, credentials });
  const { readDefinition } = await import("./definition-file.ts");
  const { answer, notes } = await readDefinition(request, source, { session: session.session.id });
  for (const note of notes) onWarning(note);
  return answer;
}
