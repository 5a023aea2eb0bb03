/** What a refusal or an explanation advises, as data: each front end has its own key or word for a command, or none. */
import { BktuiError, type ErrorCode, type ErrorOptions } from "../base/errors.ts";

/** Options of the command line that can be given while the build stands. */
export type BuildInputOption = "secret" | "ssh" | "allow" | "build-arg";

/** Every command that is advised as it is, by what it does; front ends call them the same. */
export type RemedyCommand =
  | "next"
  | "pause"
  | "rerun"
  | "shell"
  | "debug-shell"
  | "swap"
  | "changes"
  | "export"
  | "edit"
  | "target"
  | "thread"
  | "open-sought"
  | "error";

/** A command; those that take something with it, e.g. `secret` and "id=token,src=PATH", `goto` and "12". */
export type Advised =
  | { readonly command: RemedyCommand; readonly argument?: undefined }
  | { readonly command: BuildInputOption | "arg" | "run-to" | "goto"; readonly argument: string };

/** `does`: what the command would do here, e.g. "runs it again". */
export type Remedy = Advised & { readonly does: string };

/** Why something cannot be done now, and what helps. */
export interface Refusal {
  readonly why: string;
  readonly remedy?: Remedy;
}

/** An error that knows which commands help; `hint` has what helps and is no command. */
export class Refused extends BktuiError {
  readonly remedies: readonly Remedy[];

  constructor(
    code: ErrorCode,
    message: string,
    { remedies, ...options }: ErrorOptions & { readonly remedies: readonly Remedy[] },
  ) {
    super(code, message, options);
    this.remedies = remedies;
  }
}

export function remediesOf(error: BktuiError): readonly Remedy[] {
  return error instanceof Refused ? error.remedies : [];
}

/** "step 3 failed" and "r runs it again" in one sentence, with a full stop where the text had one. */
export function withRemedies(text: string, remedies: readonly string[]): string {
  if (remedies.length === 0) return text;
  const end = text.endsWith(".") ? "." : "";
  return `${[end === "" ? text : text.slice(0, -1), ...remedies].join("; ")}${end}`;
}

/** What is thrown where a command is given all the same. */
export function refusedFor({ why, remedy }: Refusal): Refused {
  return new Refused("not-now", why, { remedies: remedy === undefined ? [] : [remedy] });
}
