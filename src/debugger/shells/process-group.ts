/** The processes of one shell among those of a container: which program has its terminal, and how it is ended. */
import type { Container } from "../../engine/engine.ts";

/** The processes of one shell: its script leads a session of the kernel, which no other process of the container is in. */
export interface ShellProcessGroup {
  readonly container: Container;
  /**
   * Command line of a shell that runs there: this very program is asked. Another one may not be there, and a process that
   * cannot start, or ends badly, takes the whole container with it (BuildKit 0.8 to 0.32).
   */
  readonly interpreter: readonly string[];
  /** Id of that kernel session; undefined = the shell has the container alone. */
  readonly id: number | undefined;
}

/** Runs the lines for each process; built-ins of sh only. Fields: 1 state 2 ppid 3 pgrp 4 session 5 tty 6 tpgid. */
function eachProcess(lines: string): string {
  return `for d in /proc/[0-9]*; do
  p=\${d#/proc/}
  read -r line < $d/stat || continue
  set -- \${line##*) }
${lines}
done 2>/dev/null`;
}

/** Prints the name of the leader of the terminal's foreground process group, if that is not the shell. */
function foregroundScript(id: number | undefined): string {
  // Alone, the shell leads its session; else the script around it does, and the shell is that one's child.
  const isTheShell =
    id === undefined ? '"$4" = "$p"' : `"$2" = "${id}" ] || [ "$4" != "${id}" ] || [ "$p" = "${id}"`;
  return `${eachProcess(`  [ "$5" != 0 ] && [ "$6" = "$p" ] || continue
  [ ${isTheShell} ] && continue
  read -r name < $d/comm && printf '%s\\n' "$name"`)}
exit 0`;
}

/** Kills every process of the group but the script that leads it. Twice: what was being started meanwhile goes too. */
function killScript(id: number): string {
  const once = eachProcess(`  [ "$4" = "${id}" ] && [ "$p" != "${id}" ] && kill -9 "$p"`);
  return `${once}\n${once}\nexit 0`;
}

/** How long a question to the user waits for a program's name; a shell whose program cannot be told by then is taken to run none. */
export const PROGRAM_LOOKUP_MS = 700;

/** Shells that understand the scripts. */
const POSIX_SHELLS = new Set(["sh", "ash", "bash", "dash", "ksh", "mksh"]);
const MAX_OUTPUT_BYTES = 4096;

/** The beginning of a command line that runs scripts, when the program is a shell that can. */
export function interpreterOf([program = ""]: readonly string[]): readonly string[] | undefined {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (POSIX_SHELLS.has(name)) return [program];
  return name === "busybox" ? [program, "sh"] : undefined;
}

/**
 * The program's name as the kernel has it (at most 15 bytes, untrusted); undefined when the shell itself has the
 * terminal, or when it cannot be told: no /proc, a shell of another kind, an engine that does not answer.
 */
export async function foregroundProgram(
  group: ShellProcessGroup,
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const printed = await outputOf(group, foregroundScript(group.id), signal);
    const [name] = printed.split("\n");
    return name === "" ? undefined : name;
  } catch {
    // Only a name in a question is lost.
    return undefined;
  }
}

/**
 * Kills what runs in a shell that shares its container, and the shell. Not by a signal through the API: a signal to a
 * process with a terminal leaves its container behind for good (BuildKit up to 0.32).
 */
export async function killProcessGroup(
  group: ShellProcessGroup & { readonly id: number },
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  await outputOf(group, killScript(group.id), signal);
}

async function outputOf(
  { container, interpreter }: ShellProcessGroup,
  script: string,
  signal: AbortSignal,
): Promise<string> {
  const process = await container.start(
    { args: [...interpreter, "-c", script], env: [], terminal: undefined, directory: "/" },
    { signal },
  );
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  process.onData((chunk) => {
    bytes += chunk.length;
    if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
  });
  await aborted(process.exited, signal);
  return Buffer.concat(chunks).toString("utf8");
}

/** Settles with the promise, or rejects when the signal fires first. */
function aborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
