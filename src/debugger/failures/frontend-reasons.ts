/** Why the Dockerfile, its target or a base image was refused: the frontend's texts (dockerd 20.10 and 28.5). */
import type { BktuiError } from "../../base/errors.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import type { Line } from "../../graph/graph.ts";
import { givenReason, plainText, type Reason, type RemoteProblem, remoteProblem } from "./reasons.ts";

export type FrontendReason =
  | { readonly kind: "syntax"; readonly problem: SyntaxProblem; readonly line: Line | undefined }
  | { readonly kind: "target"; readonly name: string }
  /** `--from` with the number of a stage that is not there, or not above. */
  | { readonly kind: "stage-number"; readonly number: string; readonly line: Line | undefined }
  | {
      readonly kind: "pull";
      /** As the engine names it, with registry and tag; undefined when it does not. */
      readonly image: string | undefined;
      readonly problem: RemoteProblem;
      readonly line: Line | undefined;
    }
  /** The lint was told to refuse what it warns of; by the names of the rules. */
  | { readonly kind: "lint"; readonly rules: readonly string[] }
  /** It ended without an answer. */
  | { readonly kind: "ended"; readonly exitCode: number | undefined }
  /** The engine has none of that name. */
  | { readonly kind: "unknown"; readonly name: string }
  /** What was refused has to do with what the client gave or allowed, not with the file. */
  | { readonly kind: "given"; readonly reason: Reason }
  | { readonly kind: "other"; readonly text: string; readonly line: Line | undefined };

export type SyntaxProblem =
  | { readonly kind: "instruction"; readonly word: string }
  | { readonly kind: "flag"; readonly flag: string }
  | { readonly kind: "image-name"; readonly name: string }
  | { readonly kind: "other"; readonly text: string };

/**
 * @param metadataVertices names of the engine's own vertices that failed; old engines name the image only there
 */
export function frontendReasonOf(error: BktuiError, metadataVertices: readonly string[]): FrontendReason {
  const text = plainText(error.message);
  const line = error instanceof FrontendFailed ? error.ranges[0]?.start : undefined;
  const given = givenReason(text);
  if (given !== undefined) return { kind: "given", reason: given };
  const target = /^target stage "?(.*?)"? could not be found/.exec(text)?.[1];
  if (target !== undefined) return { kind: "target", name: target };
  const unknown = /^invalid frontend: (\S+)$/.exec(text)?.[1];
  if (unknown !== undefined) return { kind: "unknown", name: unknown };
  const ended = endOf(text);
  if (ended !== undefined) return { kind: "ended", ...ended };
  const rules = lintedRules(error);
  if (rules.length > 0) return { kind: "lint", rules };
  const number = /\binvalid stage index (-?\d+)/.exec(text)?.[1];
  if (number !== undefined) return { kind: "stage-number", number, line };
  const syntax = syntaxProblem(text);
  if (syntax !== undefined) return { kind: "syntax", problem: syntax, line };
  if (isPull(text)) {
    const image = imageIn(text) ?? metadataVertices.flatMap((name) => imageOfVertex(name) ?? [])[0];
    return { kind: "pull", image, problem: remoteProblem(text), line };
  }
  return { kind: "other", text, line };
}

/** BuildKit runs a frontend in a container, and says of its end no more than this (0.8 to 0.32). */
function endOf(text: string): { readonly exitCode: number | undefined } | undefined {
  const code = /^(?:process did not complete successfully: )?exit code: (\d+)$/.exec(text)?.[1];
  if (code !== undefined) return { exitCode: Number(code) };
  return text === "frontend grpc server closed unexpectedly" ? { exitCode: undefined } : undefined;
}

/** The rules for which a file was refused; none when it was not, or for another reason. BuildKit 0.15 and newer. */
export function lintedRules(error: BktuiError): readonly string[] {
  const rules = /^lint violation found for rules: ([\w, ]+)$/.exec(plainText(error.message))?.[1];
  return rules === undefined ? [] : rules.split(", ");
}

function syntaxProblem(text: string): SyntaxProblem | undefined {
  const image = /^failed to parse stage name "([^"]*)": invalid reference format/.exec(text)?.[1];
  if (image !== undefined) return { kind: "image-name", name: image };
  const said = /^dockerfile parse error (?:on )?line \d+: ([\s\S]*)$/i.exec(text)?.[1];
  if (said === undefined) return undefined;
  const word = /^unknown instruction: (\S+)/i.exec(said)?.[1];
  if (word !== undefined) return { kind: "instruction", word };
  const flag = /^unknown flag: (?:--)?(\S+)/i.exec(said)?.[1];
  if (flag !== undefined) return { kind: "flag", flag };
  return { kind: "other", text: said };
}

function isPull(text: string): boolean {
  return /failed to resolve source metadata|failed to do request: |pulling from host|pull access denied|failed to authorize|no match for platform in manifest|^\S+: not found$/.test(
    text,
  );
}

function imageIn(text: string): string | undefined {
  const named = /failed to resolve source metadata for (\S+): /.exec(text)?.[1];
  if (named !== undefined) return named;
  const [, host, repository, tag] =
    /https?:\/\/([^/\s"]+)\/v2\/([^\s"]+)\/manifests\/([^\s"]+)/.exec(text) ?? [];
  if (host !== undefined && repository !== undefined && tag !== undefined) {
    return `${host === "registry-1.docker.io" ? "docker.io" : host}/${repository}${tag.includes(":") ? "@" : ":"}${tag}`;
  }
  return /^(\S+): not found$/.exec(text)?.[1];
}

function imageOfVertex(name: string): string | undefined {
  return /(?:load metadata for|resolve image config for(?: docker-image:\/\/)?)\s*(\S+)$/.exec(name)?.[1];
}
