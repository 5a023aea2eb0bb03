/** How the screen behaves: what the configuration says of it, in the form that `:set` changes. */
import type {
  ClipboardPolicy,
  EditorPlace,
  KeySetting,
  LowerPane,
  NotifyHow,
  OnError,
  Settings,
  ThemeName,
} from "../../console/settings.ts";
import { DEFAULT_SETTINGS } from "../../console/settings.ts";

export const THEME_NAMES: readonly ThemeName[] = ["terminal", "high-contrast", "mono"];
export const CLIPBOARD_POLICIES: readonly ClipboardPolicy[] = ["ask", "allow", "deny"];
export const EDITOR_PLACES: readonly EditorPlace[] = ["terminal", "pane"];
export const NOTICE_KINDS: readonly NotifyHow[] = ["title", "bell", "osc9"];

export interface ScreenSettings {
  readonly theme: ThemeName;
  /** The mouse is bktui's; the terminal's own selection then needs Shift. */
  readonly mouse: boolean;
  /** False: no turning mark, and times in steps of ten seconds. */
  readonly animations: boolean;
  readonly lowerPane: LowerPane;
  readonly onError: OnError;
  readonly clipboard: ClipboardPolicy;
  readonly editor: EditorPlace;
  /** A stop after so many milliseconds calls an absent user back, in these ways; none = never. */
  readonly notifyAfterMs: number;
  readonly notify: readonly NotifyHow[];
  /** A step that reports nothing for so many milliseconds is told of. */
  readonly silentAfterMs: number;
  readonly confirmQuit: boolean;
  readonly confirmCloseShell: boolean;
  readonly confirmOverwrite: boolean;
  readonly confirmMultilinePaste: boolean;
  /** Lines kept above a shell's screen. */
  readonly scrollback: number;
  /** Tried before the image's own shells; undefined = those only. */
  readonly shellCommand: readonly string[] | undefined;
  /** Whether a shell's prompt says step and state. */
  readonly shellPrompt: boolean;
  /** They replace the commands' own keys. */
  readonly keys: readonly KeySetting[];
}

export function screenSettings({ ui, shell, build, confirm, notify, keys }: Settings): ScreenSettings {
  return {
    theme: ui.theme,
    mouse: ui.mouse,
    animations: ui.animations,
    lowerPane: ui.lowerPane,
    editor: ui.editor,
    onError: build.onError,
    clipboard: shell.clipboard,
    notifyAfterMs: notify.afterMs,
    notify: notify.how,
    silentAfterMs: notify.silentAfterMs,
    confirmQuit: confirm.quit,
    confirmCloseShell: confirm.closeShell,
    confirmOverwrite: confirm.overwrite,
    confirmMultilinePaste: shell.confirmMultilinePaste,
    scrollback: shell.scrollback,
    shellCommand: shell.command,
    shellPrompt: shell.prompt,
    keys: [...keys, ...leaveSetting(shell.leave)],
  };
}

/** The keys that leave a shell also go back into it. */
function leaveSetting(leave: readonly string[]): readonly KeySetting[] {
  const usual = DEFAULT_SETTINGS.shell.leave;
  const isUsual = leave.length === usual.length && leave.every((key, index) => key === usual[index]);
  return isUsual ? [] : [{ command: "keyboard", keys: leave, from: "shell.leave" }];
}

export const defaultSettings: ScreenSettings = screenSettings(DEFAULT_SETTINGS);
