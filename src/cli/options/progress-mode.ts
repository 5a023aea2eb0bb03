/** `--progress`, `--quiet` and BUILDKIT_PROGRESS: what is printed where there is no screen. */
import { badValue } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { HeadlessStyle } from "../../plain/headless.ts";

/** "quiet" prints the image id alone, "none" not even that. */
export type ProgressMode = "auto" | "plain" | "tty" | "quiet" | "none" | "rawjson";

const MODES: readonly string[] = ["auto", "plain", "tty", "quiet", "none", "rawjson"];

/** "" is auto, as for docker. @throws {BktuiError} "bad-request". */
export function parseProgress(text: string, option = "--progress"): ProgressMode {
  if (text === "") return "auto";
  if (isMode(text)) return text;
  throw badValue(`${option} ${text}: no such mode`, `the modes are ${MODES.join(", ")}`);
}

/**
 * What options and environment say together; BUILDKIT_PROGRESS counts where nothing else does.
 * @throws {BktuiError} "bad-request" when they contradict each other, as for docker.
 */
export function progressMode(
  { progress, quiet }: { readonly progress: ProgressMode | undefined; readonly quiet: boolean },
  env: Surroundings["env"],
): ProgressMode {
  if (quiet) {
    if (progress === undefined || ["auto", "quiet", "none"].includes(progress)) return "quiet";
    throw badValue(`--progress ${progress} and --quiet cannot be used together`, "leave one of them out");
  }
  if (progress !== undefined && progress !== "auto") return progress;
  return parseProgress(env["BUILDKIT_PROGRESS"] ?? "", "BUILDKIT_PROGRESS");
}

/** For a run without a screen. @throws {BktuiError} "bad-request" when a terminal is asked for. */
export function headlessProgress(mode: ProgressMode): HeadlessStyle {
  switch (mode) {
    case "quiet":
    case "none":
    case "rawjson":
      return mode;
    case "tty":
      throw badValue("--progress tty: there is no terminal to draw on", "use --progress plain");
    case "auto":
    case "plain":
      return "plain";
  }
}

function isMode(text: string): text is ProgressMode {
  return MODES.includes(text);
}
