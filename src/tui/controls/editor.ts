/** Which editor to start on which line, and starting it while the terminal is its own. */
import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { basename, delimiter, join } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { splitWords } from "../../base/split-words.ts";

/** Editors that are tried when neither VISUAL nor EDITOR is set. */
const FALLBACKS = ["vi", "nano"] as const;
const PLUS_LINE = new Set([
  "vi",
  "vim",
  "nvim",
  "view",
  "gvim",
  "nano",
  "pico",
  "emacs",
  "emacsclient",
  "micro",
  "kak",
  "joe",
  "mcedit",
]);
const GOTO_LINE = new Set(["code", "code-insiders", "codium", "cursor", "windsurf"]);
/** For an editor to save what it wants, before it is killed; bktui itself is gone after 2 s. */
const ENDING_MS = 1000;
const COLON_LINE = new Set(["hx", "helix", "subl", "zed"]);

/**
 * The editor's program and leading arguments, from $VISUAL, $EDITOR, else vi or nano.
 * @throws {BktuiError} "not-found" when there is none.
 */
export async function findEditor(
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  for (const name of ["VISUAL", "EDITOR"]) {
    const words = splitWords(env[name] ?? "");
    if (words.length > 0) return words;
  }
  for (const program of FALLBACKS) {
    if (await isOnPath(program, env["PATH"] ?? "")) return [program];
  }
  throw new BktuiError(
    "not-found",
    "no editor found: neither VISUAL nor EDITOR is set, and vi and nano are missing",
    {
      hint: "set EDITOR, e.g. EDITOR=vim",
    },
  );
}

/** The whole command line that opens `file` at `line`, in the editor's own way; the line is left out for unknown editors. */
export function editorCommand(
  editor: readonly string[],
  target: { readonly file: string; readonly line: number },
): readonly string[] {
  const name = basename(editor[0] ?? "").replace(/\.(exe|cmd)$/, "");
  const { file, line } = target;
  if (PLUS_LINE.has(name)) return [...editor, `+${line}`, file];
  if (GOTO_LINE.has(name)) {
    const waits = editor.includes("-w") || editor.includes("--wait");
    return [...editor, ...(waits ? [] : ["-w"]), "-g", `${file}:${line}`];
  }
  if (COLON_LINE.has(name)) return [...editor, `${file}:${line}`];
  return [...editor, file];
}

/**
 * Runs a program on the terminal until it ends. Asynchronous, so that the build's session stays alive meanwhile.
 * The caller has handed the terminal over before.
 * @throws {BktuiError} "not-found" when the program cannot be started.
 */
export async function runOnTerminal(
  command: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    /** The terminal: standard input may be something else. */
    readonly input: { readonly fd: number };
    /** Ends it by the signal that is the reason: an editor keeps what was not saved then. */
    readonly ending: AbortSignal;
  },
): Promise<void> {
  const [program, ...args] = command;
  if (program === undefined) throw new BktuiError("internal", "no program to start");
  await new Promise<void>((resolve, reject) => {
    const { cwd, env, input } = options;
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: [input.fd, "inherit", "inherit"] });
    child.once("error", (error) => {
      reject(
        new BktuiError("not-found", `cannot start the editor ${program}: ${error.message}`, {
          cause: error,
          hint: "set EDITOR to an editor that is installed",
        }),
      );
    });
    const end = (): void => {
      child.kill(options.ending.reason);
      killing = setTimeout(() => child.kill("SIGKILL"), ENDING_MS);
    };
    let killing: NodeJS.Timeout | undefined;
    options.ending.addEventListener("abort", end, { once: true });
    // How the editor ended does not matter: what counts is whether the file changed.
    child.once("close", () => {
      clearTimeout(killing);
      options.ending.removeEventListener("abort", end);
      resolve();
    });
  });
}

async function isOnPath(program: string, path: string): Promise<boolean> {
  for (const directory of path.split(delimiter)) {
    if (directory === "") continue;
    try {
      await access(join(directory, program), constants.X_OK);
      return true;
    } catch {
      // Not in this directory; the next one may have it.
    }
  }
  return false;
}
