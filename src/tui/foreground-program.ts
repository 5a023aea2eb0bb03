/** Which program has a container's terminal. */
import type { Container } from "../engine/engine.ts";

/**
 * Prints the name of the leader of a terminal's foreground process group, if that is not the session's leader (the
 * shell). Built-ins of sh only. Fields of /proc/N/stat after the name: state ppid pgrp session tty tpgid.
 */
const SCRIPT = `
for d in /proc/[0-9]*; do
  p=\${d#/proc/}
  read -r line < $d/stat || continue
  set -- \${line##*) }
  [ "$5" != 0 ] && [ "$6" = "$p" ] && [ "$4" != "$p" ] || continue
  read -r name < $d/comm && printf '%s\\n' "$name"
done 2>/dev/null
exit 0
`;
/** Shells that understand the script. */
const POSIX_SHELLS = new Set(["sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"]);
const MAX_OUTPUT_BYTES = 4096;

/**
 * The program's name as the kernel has it (at most 15 bytes, untrusted); undefined when the shell itself has the
 * terminal, or when it cannot be told: no /proc, a shell of another kind, an engine that does not answer.
 * @param shell command line of the shell that runs in the container: this very program asks. Another one may not be
 * there, and a process that cannot start, or ends badly, takes the whole container with it (BuildKit 0.8 to 0.32).
 */
export async function foregroundProgram(
  container: Container,
  shell: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  const asking = runnerOf(shell);
  if (asking === undefined) return undefined;
  try {
    const process = await container.start(
      { args: [...asking, "-c", SCRIPT], env: [], terminal: undefined },
      { signal },
    );
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    process.onData((chunk) => {
      bytes += chunk.length;
      if (bytes <= MAX_OUTPUT_BYTES) chunks.push(chunk);
    });
    await aborted(process.exited, signal);
    const [name] = Buffer.concat(chunks).toString("utf8").split("\n");
    return name === "" ? undefined : name;
  } catch {
    // Only a name in a question is lost.
    return undefined;
  }
}

function runnerOf([program = ""]: readonly string[]): readonly string[] | undefined {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (POSIX_SHELLS.has(name)) return [program];
  return name === "busybox" ? [program, "sh"] : undefined;
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
