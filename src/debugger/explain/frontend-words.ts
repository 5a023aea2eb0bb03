/** A frontend of its own ended, is none, or refused what it read: in words. */
import type { BktuiError } from "../../base/errors.ts";
import { FrontendFailed } from "../../engine/failures.ts";
import type { FrontendReason } from "../failures/frontend-reasons.ts";
import { AGAIN, atLine, EDIT, type RefusalWords } from "./refusal-parts.ts";

/** Checked on dockerd 20.10 and 28.5: the client is told nothing of it. */
const WHERE_IT_PRINTS =
  "What it printed is in the engine's own log: journalctl -u docker, docker logs of a builder's container, engine.log in the directory that bktui engine status names.";

export function frontendEnd(
  error: BktuiError,
  reason: Extract<FrontendReason, { kind: "ended" | "unknown" }>,
): RefusalWords {
  if (reason.kind === "unknown")
    return {
      headline: `the engine has no frontend "${reason.name}"`,
      why: [
        "Those of its own are dockerfile.v0 and gateway.v0; an image is run with --frontend gateway.v0 --opt source=IMAGE.",
      ],
      next: [AGAIN],
    };
  const who = error instanceof FrontendFailed ? error.frontend : undefined;
  const subject = who === undefined ? "the frontend" : `the frontend ${who}`;
  const how = reason.exitCode === undefined ? "" : ` with exit code ${reason.exitCode}`;
  return {
    headline: `${subject} ended${how} before it answered`,
    why: [
      WHERE_IT_PRINTS,
      ...(who === undefined ? [] : ["An image that is no frontend ends like that too, whatever it runs."]),
    ],
    next: [EDIT, AGAIN],
  };
}

/** In the refusing one's own words; the file and the line in front of them are told already. */
export function ownWords(
  error: BktuiError,
  { text, line }: Extract<FrontendReason, { kind: "other" }>,
): RefusalWords {
  const said = line === undefined ? text : text.replace(new RegExp(`^[^\\s:]+:${line}:\\s+`), "");
  const hint = error.hint === undefined ? [] : [error.hint];
  if (!(error instanceof FrontendFailed)) {
    const label = error.code === "engine-unreachable" ? "connect again" : "try again";
    const next = [{ kind: "command", command: "rerun", label } as const];
    return { headline: atLine(line, said), why: hint, next };
  }
  const who = error.frontend === undefined ? [] : [`So says the frontend ${error.frontend}.`];
  return { headline: atLine(line, said), why: [...hint, ...who], next: [EDIT, AGAIN] };
}
