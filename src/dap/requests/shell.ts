/** A shell of the step in a terminal of the editor: `bktui attach --shell`, which follows the build to its next stops. */
import { tmpdir } from "node:os";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { visibleText } from "../../base/visible.ts";
import { contextDirectory } from "../../engine/build-sources.ts";
import type { ShellSide } from "../host.ts";
import type { Session } from "../state/session.ts";

/** How long a terminal may take to be opened before the request for it is answered. */
const PATIENCE_MS = 500;

/** Behind the start, which it would make longer. */
const PREPARE_AFTER_MS = 150;

const TITLES: Readonly<Record<ShellSide, string>> = {
  shown: "bktui shell",
  base: "bktui shell: BASE",
  failed: "bktui shell: FAILED",
  after: "bktui shell: AFTER",
};

/** Undefined: none is asked for by these words. */
export function shellAsked(text: string): ShellSide | undefined {
  const [, side] =
    /^\s*(?:!|exec|shell|sh|open shell)(?:\s+(base|failed|after|shown))?\s*$/i.exec(text) ?? [];
  if (side !== undefined) return side.toLowerCase() as ShellSide;
  return /^\s*(?:!|exec|shell|sh|open shell)\s*$/i.test(text) ? "shown" : undefined;
}

/**
 * Opens it, and answers what is told of it; without terminals in the client, how one can be had.
 * @throws {BktuiError} "not-now" when nothing is stopped at, "unsupported" when the client refuses.
 */
export async function openShell(session: Session, side: ShellSide, signal: AbortSignal): Promise<string> {
  const { build, client, connection } = session;
  const { phase } = build.debug.state;
  if (phase.kind !== "paused" && phase.kind !== "finished" && phase.kind !== "running")
    throw new BktuiError("not-now", "there is no step to open a shell in");
  const args = await build.shellCommand(side);
  if (!client.runsTerminals)
    return [
      "This client opens no terminals. In one of this machine this is the shell, at this stop and the next ones:",
      `  ${args.map(quoted).join(" ")}`,
      "One command runs here: ! COMMAND",
    ].join("\n");
  const cwd = contextDirectory(build.request) ?? tmpdir();
  const asked = { kind: "integrated", title: TITLES[side], cwd, args };
  await answeredSoon(session, connection.ask("runInTerminal", asked, session.left.signal), signal);
  return side === "shown"
    ? "A shell opens in a terminal."
    : `A shell in ${side.toUpperCase()} opens in a terminal.`;
}

/** Some clients, as Helix, answer nothing while they wait for an answer: what they say later is told as output. */
async function answeredSoon(session: Session, answer: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const soon = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const late = new Promise<"late">((resolve) => {
    soon.addEventListener("abort", () => resolve("late"), { once: true });
  });
  if ((await Promise.race([answer, late])) !== "late") return;
  answer.catch((error: unknown) => {
    if (session.left.signal.aborted) return;
    const words = visibleText(toBktuiError(error).message);
    session.connection.event("output", { category: "stderr", output: `no terminal was opened: ${words}\n` });
  });
}

/** For a POSIX shell. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** While the build runs nothing else is to be done: what a shell needs is there when the first one is asked for. */
export function prepareShells({ build }: Pick<Session, "build">): Disposable {
  const prepare = (): void => void build.shellCommand("shown").catch(() => undefined);
  const timer = setTimeout(prepare, PREPARE_AFTER_MS);
  return { [Symbol.dispose]: () => clearTimeout(timer) };
}
