/** `--policy`: Rego rules for sources, which docker buildx evaluates in the client. Pure. */
import { goBoolean } from "../../base/go-boolean.ts";
import { badValue } from "../bad-values.ts";
import { csvPairs } from "./csv.ts";

const KEYS = ["filename", "reset", "disabled", "strict", "log-level"];
const LEVELS = /^(panic|fatal|error|warn|warning|info|debug|trace)$/i;

/** The policies that buildx (0.31 and later) applies by itself; false = the options turn them off. */
export interface PolicyChoice {
  /** The file beside the Dockerfile. */
  readonly beside: boolean;
  /** That of BUILDX_DEFAULT_POLICY. */
  readonly builtIn: boolean;
}

/**
 * Rules that cannot be kept are refused rather than passed over; what names none is taken.
 * @throws {BktuiError} "bad-request" for what docker refuses, and for a file of rules.
 */
export function parsePolicies(values: readonly string[]): PolicyChoice {
  const all = values.map((text) => csvPairs("--policy", text, KEYS));
  for (const [index, pairs] of all.entries()) checkPairs(`--policy ${values[index]}`, pairs);
  const isOn = (key: string): boolean =>
    all.flat().some(([name, value]) => name === key && goBoolean(value) === true);
  const isDisabled = isOn("disabled");
  if (isDisabled && all.flat().length > 1)
    throw badValue("--policy disabled=true cannot be combined with other policies", "give it alone");
  return { beside: !isDisabled && !isOn("reset"), builtIn: !isDisabled };
}

function checkPairs(option: string, pairs: ReturnType<typeof csvPairs>): void {
  for (const [key, value] of pairs) {
    if (key === "filename")
      throw badValue(
        `${option}: its rules are in Rego, which buildx evaluates itself for each source that the engine asks for; bktui evaluates none`,
        "leave it out to step through the build without its rules; docker buildx build --policy tells whether they let it pass",
      );
    const isRight = key === "log-level" ? LEVELS.test(value) : goBoolean(value) !== undefined;
    if (!isRight) throw badValue(`${option}: "${value}" is no value of ${key}`);
  }
}
