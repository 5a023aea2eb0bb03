/** `--call`: a question to the frontend in place of a build (outline, targets, lint …). */
import { toBktuiError } from "../../base/errors.ts";
import type { FrontendReply, Progress } from "../engine.ts";
import { type BesideParts, openBeside } from "./beside.ts";
import { askFrontend } from "./frontend.ts";

type Signal = { readonly signal: AbortSignal };

/** Frontends that answer what an engine's own does not, as buildx 0.37 takes them then. */
const OTHERS: Readonly<Record<string, string>> = {
  lint: "docker/dockerfile:1.8.1@sha256:e87caa74dcb7d46cd820352bfea12591f3dba3ddc4285e19c7dcd13359f7cefd",
  outline: "docker/dockerfile:1.7.1@sha256:a57df69d0ea827fb7266491f2813635de6f17269be881f696fbfdf2d83dda33e",
  targets: "docker/dockerfile:1.7.1@sha256:a57df69d0ea827fb7266491f2813635de6f17269be881f696fbfdf2d83dda33e",
};

/**
 * Runs no step. A frontend that does not know the question (BuildKit 0.8) is replaced by one that does, which is pulled.
 * @throws {FrontendFailed} as when a build is opened; the engine's own refusal when the other cannot be had either.
 */
export async function subrequest(
  parts: BesideParts,
  name: string,
  { signal, onProgress }: Signal & { readonly onProgress: (progress: Progress) => void },
): Promise<FrontendReply> {
  await using beside = await openBeside(parts, { signal, onProgress });
  const ask = async (args: Readonly<Record<string, string>>): Promise<FrontendReply> => {
    const request = { ...parts.request, buildArgs: { ...parts.request.buildArgs, ...args } };
    const extra = {
      requestid: `frontend.${name}`,
      "frontend.caps": "moby.buildkit.frontend.subrequests+forward",
    };
    const { metadata } = await askFrontend(beside.gateway, request, { signal, extra, given: beside.given });
    const text = (key: string): string | undefined =>
      metadata?.[key] === undefined ? undefined : Buffer.from(metadata[key]).toString("utf8");
    return {
      json: text("result.json"),
      text: text("result.txt"),
      status: Number(text("result.statuscode") ?? 0),
      version: text("version"),
    };
  };
  try {
    return await ask({});
  } catch (error) {
    const other = OTHERS[name];
    const isUnknown = toBktuiError(error).message.includes(`unsupported request frontend.${name}`);
    if (!isUnknown || other === undefined) throw error;
    return await ask({ BUILDKIT_SYNTAX: other }).catch(() => {
      throw error;
    });
  }
}
