/**
 * The script around a shell. A process that ends badly takes its container with it, and so does the end of the first one
 * (BuildKit 0.8 to 0.32). So a shell runs under a script that tells its exit code by a sign in the output and never ends
 * badly itself; the first one of a container then stays, and keeps the file system for the shells that come after. Pure.
 */

/** Each shell's signs are its own: no program can have guessed them. */
export interface ShellScript {
  readonly mark: string;
  /** Command lines; the first whose program is there runs. */
  readonly shells: readonly (readonly string[])[];
  /** Names that the step's own environment has. */
  readonly known: ReadonlySet<string>;
  /** By lines there is one stream: a sign must not overtake what was said before it. */
  readonly joined: boolean;
  readonly role: FirstRole | FurtherRole;
}

/** The container's first process: keeps it. */
interface FirstRole {
  readonly kind: "first";
  /** A failed command that runs once more before the shell; `env` (`NAME=value`) is for the shell alone. */
  readonly again: { readonly args: readonly string[]; readonly env: readonly string[] } | undefined;
}

/** Beside the first: `directory` may have been deleted meanwhile. */
interface FurtherRole {
  readonly kind: "further";
  readonly directory: string;
}

/** What a script says about itself. */
export type Sign =
  /** `group`: process id of the script, and of the kernel session that it leads, as the container counts. */
  | { readonly kind: "begun"; readonly group: number }
  | { readonly kind: "again"; readonly code: number }
  /** Which of the shells runs. */
  | { readonly kind: "shell"; readonly index: number }
  | { readonly kind: "ended"; readonly code: number };

/** A POSIX shell exports these to what it starts. */
const SHELL_VARIABLES = ["PWD", "OLDPWD", "SHLVL"];
/** Unit separator: no prompt ends with it and no terminal echoes it, so nothing typed is held back for it. */
const SIGN_BYTE = 0x1f;
/** Like a shell's own for a program that is not there. */
const NO_SHELL = 127;

/** Runs with `sh -c`. Words of `again` are given as its parameters. */
export function shellScript({ mark, shells, known, joined, role }: ShellScript): string {
  const strays = SHELL_VARIABLES.filter((name) => !known.has(name));
  const unset = strays.length === 0 ? [] : [`unset ${strays.join(" ")}`];
  return [
    ...(role.kind === "further" ? [enter(role.directory)] : []),
    ...unset,
    // Reset in what it starts: Ctrl-C ends a program and not the script.
    "trap : INT QUIT HUP TERM",
    say(mark, "@", "$$"),
    ...(role.kind === "first" && role.again !== undefined ? runAgain(mark, role.again.env) : []),
    `${choice(mark, shells)}${joined ? " 2>&1" : ""}`,
    say(mark, "=", '"$?"'),
    role.kind === "first" ? KEEP : ANSWERED,
  ].join("\n");
}

/** Waits for ever without any program of the image: for a line of a pipe that it holds open itself. */
const KEEP = ": | { exec <>/proc/self/fd/0; while read -r _; do :; done; }";
/** BuildKit drops what a process had written to its terminal right before its end, so it ends after an answer. */
const ANSWERED = "read -r _\nexit 0";

function enter(directory: string): string {
  const place = quoted(directory);
  return `cd ${place} 2>/dev/null || { cd /; printf '%s\\n' ${quoted(`${directory} cannot be entered; this is /`)}; }`;
}

function runAgain(mark: string, env: readonly string[]): readonly string[] {
  return [
    '(trap - INT QUIT HUP TERM; exec "$@") </dev/null',
    say(mark, "!", '"$?"'),
    ...env.map((entry) => {
      const at = entry.indexOf("=");
      return `export ${entry.slice(0, at)}=${quoted(entry.slice(at + 1))}`;
    }),
  ];
}

function choice(mark: string, shells: readonly (readonly string[])[]): string {
  const branches = shells.map((args, index) => {
    const there = `command -v ${quoted(args[0] ?? "")} >/dev/null 2>/dev/null`;
    return `if ${there}; then ${say(mark, "#", String(index))}; ${args.map(quoted).join(" ")}`;
  });
  return `${branches.join("\nel")}\nelse (exit ${NO_SHELL}); fi`;
}

function say(mark: string, kind: string, value: string): string {
  return `printf '\\037%s${kind}%s\\n' ${quoted(mark)} ${value}`;
}

export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Takes the signs, wherever chunks cut them, out of an output. */
export class SignFilter {
  readonly #mark: Buffer;
  readonly #pattern: RegExp;
  #held: Buffer = Buffer.alloc(0);

  constructor(mark: string) {
    this.#mark = Buffer.from(`\u001f${mark}`, "latin1");
    // A terminal ends lines with CR LF; runc 1.3 (dockerd 28.5) now and then with CR CR LF.
    this.#pattern = /^([@!#=])(\d{1,10})\r*\n/;
  }

  /** Text and signs in their order; the beginning of a sign is held until the next chunk. */
  *push(chunk: Uint8Array): Generator<Uint8Array | Sign> {
    let rest = this.#held.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#held, chunk]);
    this.#held = Buffer.alloc(0);
    for (;;) {
      const at = this.#begin(rest);
      if (at > 0) yield rest.subarray(0, at);
      rest = rest.subarray(at);
      if (rest.length <= this.#mark.length) break;
      const text = rest.toString("latin1", this.#mark.length, this.#mark.length + LONGEST_SIGN);
      const [whole = "", kind = "", value = ""] = this.#pattern.exec(text) ?? [];
      if (whole === "") {
        if (text.length < LONGEST_SIGN && !text.includes("\n")) break;
        // No sign of ours.
        yield rest.subarray(0, this.#mark.length);
        rest = rest.subarray(this.#mark.length);
        continue;
      }
      yield signOf(kind, Number(value));
      rest = rest.subarray(this.#mark.length + whole.length);
    }
    this.#held = rest;
  }

  /** Where a sign begins, or what may become one at the end; the length when there is none. */
  #begin(text: Buffer): number {
    const whole = text.indexOf(this.#mark);
    if (whole >= 0) return whole;
    const last = text.lastIndexOf(SIGN_BYTE);
    if (last < 0 || text.length - last >= this.#mark.length) return text.length;
    return text.subarray(last).equals(this.#mark.subarray(0, text.length - last)) ? last : text.length;
  }
}

/** "=0000000000\r\r\n" and some. */
const LONGEST_SIGN = 16;

function signOf(kind: string, value: number): Sign {
  switch (kind) {
    case "@":
      return { kind: "begun", group: value };
    case "!":
      return { kind: "again", code: value };
    case "#":
      return { kind: "shell", index: value };
    default:
      return { kind: "ended", code: value };
  }
}
