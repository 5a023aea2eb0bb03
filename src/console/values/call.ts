/** `--call`: what the frontend is asked in place of a build. Pure. */
import { goBoolean } from "../../base/go-boolean.ts";
import { badValue } from "../bad-values.ts";
import { csvFields } from "./csv.ts";

export interface CallMethod {
  /** E.g. "outline", "targets", "lint", "subrequests.describe"; the frontend knows which there are. */
  readonly name: string;
  /** "json", or for people. */
  readonly format: string;
  /** The exit code does not say what was found. */
  readonly ignoreStatus: boolean;
}

/**
 * `METHOD[,format=json][,ignorestatus=true]`; "check" is another name of "lint".
 * @returns undefined for "build"
 * @throws {BktuiError} "bad-request".
 */
export function parseCall(text: string): CallMethod | undefined {
  if (text === "") return undefined;
  let name = "";
  let format = "";
  let ignoreStatus = false;
  for (const field of csvFields("--call", text)) {
    const at = field.indexOf("=");
    const [key, value] = at < 0 ? ["", field] : [field.slice(0, at), field.slice(at + 1)];
    if (key === "format") format = value;
    else if (key === "ignorestatus") {
      const flag = goBoolean(value);
      if (flag === undefined) throw badValue(`--call ${text}: ignorestatus is true or false`);
      ignoreStatus = flag;
    } else if (key !== "") throw badValue(`--call ${text}: unknown key "${key}"`, "format and ignorestatus");
    else if (name !== "") throw badValue(`--call ${text}: more than one method`);
    else name = value === "check" ? "lint" : value;
  }
  return name === "build" ? undefined : { name, format, ignoreStatus };
}
