/** Emacs with dape: driven by emacs-session.el, which writes down what it sees. */
import { join } from "node:path";
import { type EditorSession, terminalOf } from "./session.ts";

/** The script has limits of its own. */
const SESSION_MS = 300_000;

export const emacs: EditorSession = async (place, say) => {
  const script = join(place.repository, "scripts/editors/emacs-session.el");
  const settings = join(place.repository, "demo/editors/emacs/bktui.el");
  await using terminal = await terminalOf(
    place,
    [
      ...["emacs", "-nw", "--no-splash", "-l", settings, "-l", script],
      ...[place.path("report"), join(place.project, "Dockerfile")],
    ],
    SESSION_MS,
  );
  try {
    await terminal.until((rows) => rows.some((row) => /^LEFT \d+$/.test(row)));
  } finally {
    say((await place.read("report")).trimEnd());
  }
  const { exitCode } = await terminal.left();
  if (exitCode !== 0) throw new Error(`emacs ended with ${exitCode}`);
};
