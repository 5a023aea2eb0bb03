/** What the commands do to the world outside: editor, clipboard, leaving. */
import { dirname } from "node:path";
import type { BktuiError } from "../base/errors.ts";
import type { BuildRequest } from "../engine/engine.ts";
import type { CommandPorts } from "./command-runner.ts";
import type { Compositor } from "./compositor.ts";
import { editorCommand, findEditor, runOnTerminal } from "./editor.ts";
import type { InputRouter } from "./input/router.ts";
import type { PaneEditor } from "./pane-editor.ts";
import { multiplexerOf } from "./sequences.ts";
import type { TerminalGuard } from "./terminal-guard.ts";
import type { Overlay } from "./ui-state.ts";

export interface CommandPortsOptions {
  readonly request: BuildRequest;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly guard: TerminalGuard;
  readonly compositor: Compositor;
  readonly editor: PaneEditor;
  router(): InputRouter;
  quit(code: number): void;
  /** Tries to find the engine again; false when that is not what is missing. */
  retry(): boolean;
  /** Gives the terminal to a program for as long as it runs. */
  handOver(run: (ending: AbortSignal) => Promise<void>): Promise<void>;
  menuKey(raw: string): void;
  setTheme: CommandPorts["setTheme"];
  errorText(): Overlay;
}

export function commandPorts(options: CommandPortsOptions): CommandPorts {
  const { request, env, guard, compositor } = options;
  return {
    surroundings: { env, cwd: process.cwd() },
    quit: options.quit,
    retry: options.retry,
    menuKey: options.menuKey,
    setTheme: options.setTheme,
    errorText: options.errorText,
    copy: (text) => compositor.copy(text, multiplexerOf(env)),
    redraw: () => compositor.redraw(),
    suspend: () => guard.stopProcess(),
    pasteToShell: (text) => options.router().pasteToShell(text),
    editor: options.editor,
    async edit(line, place) {
      const command = editorCommand(await findEditor(env), { file: request.dockerfile, line });
      if (place === "pane") {
        await options.editor.open({ command, cwd: dirname(request.dockerfile), env });
        return;
      }
      const cwd = dirname(request.dockerfile);
      await options.handOver((ending) => runOnTerminal(command, { cwd, env, ending }));
    },
  };
}

/** `:error`: the chain of causes behind the last error. */
export function errorOverlay(error: BktuiError | undefined): Overlay {
  if (error === undefined) return { kind: "text", title: "Last error", lines: ["there was none"], top: 0 };
  const lines = [error.message];
  if (error.hint !== undefined) lines.push("", error.hint);
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    lines.push("", `because: ${cause.message}`);
  }
  return {
    kind: "text",
    title: `Last error (${error.code})`,
    lines: lines.flatMap((text) => text.split("\n")),
    top: 0,
  };
}
