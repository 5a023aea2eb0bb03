/** Errors and signals as exit codes. */
import { constants } from "node:os";
import { type BktuiError, unreachable } from "../base/errors.ts";

/** As buildx has them: 125 wrong usage, 130 cancelled by the user, 1 everything else that failed. */
export function exitCodeOf(error: BktuiError): number {
  switch (error.code) {
    case "usage":
      return 125;
    case "cancelled":
      return exitCodeOfSignal("SIGINT");
    case "bad-request":
    case "not-now":
    case "not-found":
    case "unsupported":
    case "no-engine":
    case "engine-unreachable":
    case "engine":
    case "io":
    case "internal":
      return 1;
    default:
      return unreachable(error.code);
  }
}

/** 128 + n, as shells count: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP, 141 for SIGPIPE. */
export function exitCodeOfSignal(name: NodeJS.Signals): number {
  return 128 + constants.signals[name];
}
