/** `--policy`: Rego rules for sources, which docker buildx evaluates in the client. Pure. */
import { goBoolean } from "../../base/go-boolean.ts";
import { badValue } from "../bad-values.ts";
import { csvPairs } from "./csv.ts";

const KEYS = ["filename", "reset", "disabled", "strict", "log-level"];
const LEVELS = /^(panic|fatal|error|warn|warning|info|debug|trace)$/i;

/**
 * Rules that cannot be kept are refused rather than passed over; what names none is taken.
 * @returns what to say about it
 * @throws {BktuiError} "bad-request" for what docker refuses, "unsupported" for a file of rules.
 */
export function parsePolicies(values: readonly string[]): readonly string[] {
  for (const text of values) {
    for (const [key, value] of csvPairs("--policy", text, KEYS)) {
      if (key === "filename")
        throw badValue(
          `--policy ${text}: bktui evaluates no policies`,
          "leave it out to debug without its rules, or build with docker buildx build",
        );
      const isRight = key === "log-level" ? LEVELS.test(value) : goBoolean(value) !== undefined;
      if (!isRight) throw badValue(`--policy ${text}: "${value}" is no value of ${key}`);
    }
  }
  return [];
}
