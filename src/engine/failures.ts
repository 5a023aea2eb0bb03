/** The port's failures: what a build ends with that is no defect, as the debugger and the front ends know it. */
import { BktuiError } from "../base/errors.ts";
import type { Digest, SourceRange } from "../graph/graph.ts";

/** The states a failed vertex left behind; ids are the engine's, valid until the build ends. */
export interface FailedStates {
  /** Per op mount (exec) or per op input (file); "" = no state. */
  readonly inputIds: readonly string[];
  /** Per op mount (exec) or per action (file); "" = no state. */
  readonly mountIds: readonly string[];
  readonly subject: "exec" | "file" | "cache";
  /** For "cache": index of the input in which a source was searched for. For "file": index of the action. */
  readonly index: number;
}

/** A vertex failed. An outcome of the user's build, so it becomes a paused state, not a crash. */
export class SolveFailed extends BktuiError {
  override readonly name = "SolveFailed";
  /** undefined when the engine does not say which vertex failed. */
  readonly vertex: Digest | undefined;
  /** Exit status of an exec op; undefined for other ops or when the process never started. */
  readonly exitCode: number | undefined;
  readonly ranges: readonly SourceRange[];
  readonly states: FailedStates | undefined;

  constructor(
    message: string,
    facts: {
      readonly vertex: Digest | undefined;
      readonly exitCode: number | undefined;
      readonly ranges: readonly SourceRange[];
      readonly states: FailedStates | undefined;
      readonly cause?: unknown;
    },
  ) {
    super("engine", message, { cause: facts.cause });
    this.vertex = facts.vertex;
    this.exitCode = facts.exitCode;
    this.ranges = facts.ranges;
    this.states = facts.states;
  }
}

/** What became of the engine's wish for the user's credentials for a registry. */
export interface CredentialsAsked {
  /** As the engine named it; untrusted text. */
  readonly host: string;
  /**
   * "token": only a token that was fetched with them. "refused": the build has no business with that registry. "failed":
   * they, or the token, could not be had; `why` says it, in harmless words.
   */
  readonly outcome: "given" | "token" | "none" | "refused" | "failed";
  readonly why?: string;
}

/** The frontend refused the file, the target or a base image: shown at its line, reloaded on save. */
export class FrontendFailed extends BktuiError {
  override readonly name = "FrontendFailed";
  /** Where in the Dockerfile; empty when BuildKit names no place. */
  readonly ranges: readonly SourceRange[];
  /** Registries that the engine wanted credentials for, in order. */
  readonly credentials: readonly CredentialsAsked[];
  /** The file as the frontend read it; undefined where the engine does not tell it. */
  readonly text: string | undefined;
  /** Which one it was, e.g. an image; undefined for the engine's own, and where it is not known. */
  readonly frontend: string | undefined;

  constructor(
    message: string,
    ranges: readonly SourceRange[],
    options: {
      cause?: unknown;
      hint?: string | undefined;
      credentials?: readonly CredentialsAsked[];
      text?: string | undefined;
      frontend?: string | undefined;
    } = {},
  ) {
    const { hint, cause } = options;
    super("bad-request", message, hint === undefined ? { cause } : { cause, hint });
    this.ranges = ranges;
    this.credentials = options.credentials ?? [];
    this.text = options.text;
    this.frontend = options.frontend;
  }

  /** The same refusal, as about that place. */
  at(range: SourceRange): FrontendFailed {
    return new FrontendFailed(this.message, [range], this);
  }
}

/** An export would overwrite what is there. */
export class AlreadyThere extends BktuiError {
  override readonly name = "AlreadyThere";
  /** What, for people: paths, names of images; untrusted text. */
  readonly places: readonly string[];

  constructor(places: readonly string[]) {
    super("bad-request", `${places.join(" and ")} ${places.length === 1 ? "is" : "are"} there already`, {
      hint: "Name another place, or overwrite with --force.",
    });
    this.places = places;
  }
}

/** The values of secrets are in what would have been exported. */
export class SecretsFound extends BktuiError {
  override readonly name = "SecretsFound";
  /** Which secret, and where, never its value; untrusted text. */
  readonly places: readonly string[];

  /** @param count of all places, more than are told */
  constructor(places: readonly string[], count: number) {
    const more = count > places.length ? `, and ${count - places.length} more places` : "";
    super(
      "bad-request",
      `nothing was exported: the value of a secret is in it: ${places.join(", ")}${more}`,
      {
        hint: "Let the step leave no copy of it, or export it all the same with --export-secrets=allow (the command export: --secrets=allow).",
      },
    );
    this.places = places;
  }
}
