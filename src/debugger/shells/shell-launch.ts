/** Which shells to try in a state, and the environment they get. Pure. */
import { BESIDE, type StateSide, type StepEnvironment } from "../../engine/engine.ts";
import { interpreterOf } from "./process-group.ts";

const SHELLS = new Set([
  "sh",
  "ash",
  "bash",
  "dash",
  "ksh",
  "mksh",
  "zsh",
  "fish",
  "busybox",
  "pwsh",
  "rbash",
]);
/** What every Dockerfile has that says nothing about its shell. */
const DEFAULT_SHELL = "/bin/sh";

/** In prompts and titles. */
const DEBUG_ROOT_NAME = "debug-root";

/** The word shown for a state: what it is a state of is said beside it. */
export function sideWord(side: StateSide): "BASE" | "AFTER" | "FAILED" {
  switch (side) {
    case "base":
      return "BASE";
    case "after":
      return "AFTER";
    case "failed":
      return "FAILED";
  }
}

/**
 * Command lines to try in order. A SHELL instruction is the image's own choice and comes first; plain /bin/sh is
 * what every image says, so bash is preferred to it.
 */
export function shellCandidates(environment: StepEnvironment): readonly (readonly string[])[] {
  const [program] = environment.shell;
  const usual: readonly (readonly string[])[] = [["/bin/bash"], ["/bin/sh"], ["/bin/busybox", "sh"]];
  if (program === undefined || program === DEFAULT_SHELL || !SHELLS.has(baseName(program))) return usual;
  const own = baseName(program) === "busybox" ? [program, "sh"] : [program];
  return [own, ...usual];
}

/** What an image of a state starts: the program of its SHELL where that is a shell, else what nearly every image has. */
export function imageShell({ shell: [program] }: StepEnvironment): readonly string[] {
  if (program === undefined || !SHELLS.has(baseName(program))) return [DEFAULT_SHELL];
  return baseName(program) === "busybox" ? [program, "sh"] : [program];
}

/** Shells to try in order that could run the script which keeps a container; /bin/sh is in nearly every image. */
export function interpreters(shells: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const all = [[DEFAULT_SHELL], ...shells].map(interpreterOf).filter((shell) => shell !== undefined);
  return [...new Map(all.map((shell) => [shell.join(" "), shell])).values()];
}

/** Of a debug root at "/". */
export const DEBUG_ROOT_SHELLS: readonly (readonly string[])[] = [["/bin/bash"], ["/bin/sh"]];

/** Where the image has no shell, one that lies beside it runs a failed command again; its programs come last. */
export function debugRootBeside(environment: StepEnvironment): {
  readonly interpreter: readonly string[];
  /** For the shell alone, `NAME=value`. */
  readonly env: readonly string[];
} {
  const path = environment.meta.env.find((entry) => entry.startsWith("PATH=")) ?? "PATH=/usr/bin:/bin";
  return { interpreter: [`${BESIDE}/bin/busybox`, "sh"], env: [`${path}:${BESIDE}/bin`] };
}

/**
 * A prompt that says where one is: `root@6/9 FAILED /src # `, `debug-root@6/9 FAILED /target/src # `. Works in sh, ash,
 * dash and bash.
 */
export function shellPrompt(place: {
  readonly user: string;
  readonly step: number;
  readonly steps: number;
  readonly side: StateSide;
  readonly isDebugRoot?: boolean;
}): string {
  const user = place.isDebugRoot === true ? DEBUG_ROOT_NAME : promptUser(place.user);
  const sign = user === "root" || user === DEBUG_ROOT_NAME ? "#" : "$";
  return `${user}@${place.step}/${place.steps} ${sideWord(place.side)} $PWD ${sign} `;
}

/** Added to the step's environment. bash reads start-up files that replace PS1, so it is set again before each prompt. */
export function shellEnvironment(terminal: {
  /** Undefined = the shell's own. */
  readonly prompt: string | undefined;
  readonly term: string;
}): readonly string[] {
  const { prompt, term } = terminal;
  const own = prompt === undefined ? [] : [`PS1=${prompt}`, `PROMPT_COMMAND=PS1='${prompt}'`];
  return [`TERM=${term}`, ...own];
}

/** A name that can stand in a prompt without meaning anything to a shell; "" means root. */
export function promptUser(user: string): string {
  const name = user.split(":")[0] ?? "";
  if (name === "" || name === "0") return "root";
  return /^[A-Za-z0-9_.-]{1,32}$/.test(name) ? name : "user";
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
