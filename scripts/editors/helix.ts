/** Helix in tmux, with keys as a person presses them. */
import { type EditorSession, see, terminalOf } from "./session.ts";

export const helix: EditorSession = async (place, say) => {
  await place.configured("helix/languages.toml", "helix/languages.toml");
  await using terminal = await terminalOf(place, [
    ...["tmux", "-f", "/dev/null", "new-session", "hx", "-vv", "--log", place.path("hx.log"), "Dockerfile"],
  ]);
  const seen = (what: string, pattern: RegExp) => see(terminal, { what, pattern, say });
  /** Keys of the debug menu, which stays until Escape. */
  const debug = async (key: string): Promise<void> => {
    terminal.type(" G");
    await terminal.until(/Launch debug target/);
    terminal.type(key);
  };
  const closeMenu = async (): Promise<void> => {
    terminal.key("Escape");
    await terminal.until((rows) => !rows.some((row) => row.includes("Launch debug target")));
  };
  /** ":debug-eval" takes what a debug console takes. */
  const typed = (text: string): void => terminal.type(`:debug-eval ${text}\r`);
  try {
    await seen("Helix with a Dockerfile", /FROM busybox/);
    terminal.type(":3\r");
    await debug("b");
    await closeMenu();
    await seen("a breakpoint in line 3", /[●◯] +3 /);
    await debug("l");
    await seen("what can be launched", /> Dockerfile, from its first step/);
    terminal.key("Enter");
    await seen("which file", /Dockerfile:/);
    terminal.key("Enter");
    await seen("the first stop", /▶ +1 /);
    await seen("why it stopped", /stopped because of entry/);
    terminal.type("c");
    await seen("the breakpoint, reached", /▶ +3 [\s\S]*stopped because of breakpoint/);
    terminal.type("n");
    await seen("next", /stopped because of step/);
    terminal.type("v");
    await seen("values", /TARGETPLATFORM/);
    terminal.key("Escape");
    await terminal.until((rows) => !rows.some((row) => row.includes("TARGETPLATFORM")));
    await closeMenu();
    typed("back");
    await seen("back at line 3", /▶ +3 [\s\S]*back from/);
    typed("$GREETING");
    await seen("a value", /hello$/m);
    await debug("c");
    await seen("where the build really is", /at the end of stage base/);
    terminal.type("c");
    await seen("the failure", /▶ +8 [\s\S]*exit code 1/);
    await closeMenu();
    typed("exec");
    await seen("a shell in a split window", /FAILED/);
    terminal.type("echo sum=$((40+2))\r");
    await seen("what it answers", /sum=42/);
    // Ctrl-] leaves the shell; its window goes with it.
    terminal.key("Ctrl-]");
    await terminal.until((rows) => !rows.some((row) => row.includes("sum=42")));
    await debug("t");
    await closeMenu();
    await terminal.until((rows) => !rows.some((row) => row.includes("▶")));
    await seen("the end: nothing is stopped at", /FROM busybox/);
  } catch (error) {
    say((await place.read("hx.log")).slice(-8000));
    throw error;
  }
};
