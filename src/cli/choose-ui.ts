/** Which front end a run gets. */
import { unreachable } from "../base/errors.ts";
import { usageError } from "../console/bad-values.ts";
import type { UiChoice } from "./debug-options.ts";
import type { Ui } from "./front-ends.ts";

/** What decides whether there can be a screen. */
export interface Terminals {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
}

/** @throws {BktuiError} "usage" when a full screen is asked for and cannot be. */
export function chooseUi(ui: UiChoice, { run }: { readonly run: boolean }, line: Terminals): Ui {
  const hindrance = whyNoScreen(line);
  switch (ui) {
    case "plain":
      return "lines";
    case "full":
      if (hindrance === undefined) return "full";
      throw usageError(
        `no screen to debug on: ${hindrance}`,
        "run it in a terminal, or leave --ui=full out for the line mode",
      );
    case "auto":
      if (hindrance !== undefined) return run ? "headless" : "lines";
      return wantsLines(line) ? "lines" : "full";
    default:
      return unreachable(ui);
  }
}

/** As Ink and others let screen readers be announced. */
function wantsLines({ env }: Terminals): boolean {
  return isSet(env["INK_SCREEN_READER"]) || isSet(env["ACCESSIBLE"]);
}

/** Why there can be no full screen, in words; undefined when there can be one. */
function whyNoScreen({ stdinIsTerminal, stdoutIsTerminal, env }: Terminals): string | undefined {
  if (!stdinIsTerminal) return "standard input is not a terminal";
  if (!stdoutIsTerminal) return "standard output is not a terminal";
  if (env["TERM"] === "dumb") return "TERM=dumb names a terminal that cannot draw one";
  if (isSet(env["CI"])) return "CI is set in the environment";
  return undefined;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false"].includes(value.toLowerCase());
}
