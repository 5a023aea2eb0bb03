/** What the commands do to the world outside: editor, clipboard, leaving. */
import { dirname } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { errorBlocks } from "../../debugger/explain/error-words.ts";
import type { BuildRequest } from "../../engine/build-request.ts";
import { sourcePath } from "../../engine/build-sources.ts";
import { SolveFailed } from "../../engine/failures.ts";
import { remedyWords } from "../commands/remedy-words.ts";
import type { InputRouter } from "../input/router.ts";
import type { Overlay } from "../state/ui-state.ts";
import type { Compositor } from "../terminal/compositor.ts";
import type { ModeGuard, ScreenTerminal } from "../terminal/screen-terminal.ts";
import { multiplexerOf } from "../terminal/sequences.ts";
import type { Controller } from "./controller.ts";
import { editorCommand, findEditor, runOnTerminal } from "./editor.ts";
import type { PaneEditor } from "./pane-editor.ts";
import type { CommandPorts } from "./ports.ts";

export interface CommandPortsOptions {
  readonly request: BuildRequest;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly terminal: Pick<ScreenTerminal, "lent">;
  readonly guard: ModeGuard;
  readonly compositor: Compositor;
  readonly editor: PaneEditor;
  readonly visit?: CommandPorts["visit"];
  readonly exportAs?: CommandPorts["exportAs"];
  readonly letEditorsIn: CommandPorts["letEditorsIn"];
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
    visit: options.visit,
    exportAs: options.exportAs,
    letEditorsIn: options.letEditorsIn,
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
    dockerfile() {
      const path = sourcePath(request);
      if (path === undefined)
        throw new BktuiError(
          "not-now",
          "the file of this build is not on this machine, and there is no engine yet",
        );
      return path;
    },
    async edit(file, line, place) {
      const command = editorCommand(await findEditor(env), { file, line });
      const cwd = dirname(file);
      const input = options.terminal.lent;
      if (place === "pane" || input === undefined) {
        await options.editor.open({ command, cwd, env });
        return;
      }
      await options.handOver((ending) => runOnTerminal(command, { cwd, env, input, ending }));
    },
  };
}

/** `:error`: the chain of causes behind the last error, and for what of it the lint refuses the file. */
export function errorOverlay(
  { lastError, debug, attached, keys }: Pick<Controller, "lastError" | "debug" | "attached" | "keys">,
  connectError: BktuiError | undefined,
): Overlay {
  const error = lastError ?? connectError;
  if (error === undefined) return { kind: "text", title: "Last error", lines: ["there was none"], top: 0 };
  const explanation = error instanceof SolveFailed ? attached?.explanations.shown : undefined;
  const blocks = errorBlocks(error, {
    explanation,
    warnings: debug?.progress.warnings ?? [],
    remedyWords: (remedy) => remedyWords(remedy, keys),
  });
  return {
    kind: "text",
    title: `Last error (${error.code})`,
    lines: blocks.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])),
    top: 0,
  };
}
