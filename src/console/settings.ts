/** What can be set in the configuration files: shape and defaults. Reading them is the command line's part. */

export type ThemeName = "terminal" | "high-contrast" | "mono";
export type LowerPane = "log" | "shell" | "breaks" | "graph" | "info";
/**
 * What is done at a failing step; "export": what is left is exported, and then as "pause"; "wait": as "pause", and where
 * nobody attends somebody is waited for; "script": commands are run, and that is the end.
 */
export type OnError = "pause" | "shell" | "export" | "exit" | "wait" | "script";
/** What happens when a program in a shell wants to set the clipboard (OSC 52). */
export type ClipboardPolicy = "ask" | "allow" | "deny";
/** Where the screen opens an editor: it gets the whole terminal, or a pane. */
export type EditorPlace = "terminal" | "pane";
export type NotifyHow = "title" | "bell" | "osc9";

/** Keys for one command of the screen; whether command and keys exist is for the screen to see. */
export interface KeySetting {
  /** Name as after `:`, e.g. "next". */
  readonly command: string;
  /** As shown in the help: "n", "F10", "Ctrl-x"; none = the command has no key. */
  readonly keys: readonly string[];
  /** Where it was set, e.g. "/home/me/.config/bktui/config.json:12". */
  readonly from: string;
}

/** The effective settings of a run. */
export interface Settings {
  readonly ui: {
    readonly theme: ThemeName;
    readonly ascii: boolean | "auto";
    readonly mouse: boolean;
    readonly animations: boolean;
    /** Stop on entry, or run at once. */
    readonly start: "entry" | "run";
    readonly lowerPane: LowerPane;
    readonly editor: EditorPlace;
  };
  readonly shell: {
    /** Tried before the image's own shells; undefined = those only. */
    readonly command: readonly string[] | undefined;
    /** Image of the debug root; undefined = a busybox of this machine. */
    readonly debugImage: string | undefined;
    /** Keys that return from the shell, as shown: "Ctrl-]", "F12". */
    readonly leave: readonly string[];
    /** Whether the shell's prompt says step and state. */
    readonly prompt: boolean;
    readonly confirmMultilinePaste: boolean;
    /** Lines. */
    readonly scrollback: number;
    readonly clipboard: ClipboardPolicy;
  };
  readonly build: {
    readonly onError: OnError;
    /** How long somebody is waited for; 0 = for ever. */
    readonly waitMs: number;
    /** As typed: the commands of "script". */
    readonly script?: string | undefined;
  };
  readonly engine: {
    /** A run that nobody attends gives an engine up that says nothing for so long; 0 = never. */
    readonly patienceMs: number;
  };
  /** Which questions are asked before something is lost. */
  readonly confirm: { readonly quit: boolean; readonly closeShell: boolean; readonly overwrite: boolean };
  readonly notify: {
    /** A stop is announced when the run before it took longer. */
    readonly afterMs: number;
    readonly how: readonly NotifyHow[];
    /** A step that reports nothing for so long is told of. */
    readonly silentAfterMs: number;
  };
  readonly keys: readonly KeySetting[];
}

export const DEFAULT_SETTINGS: Settings = {
  ui: {
    theme: "terminal",
    ascii: "auto",
    mouse: false,
    animations: true,
    start: "entry",
    lowerPane: "log",
    editor: "terminal",
  },
  shell: {
    command: undefined,
    debugImage: undefined,
    leave: ["Ctrl-]", "F12"],
    prompt: true,
    confirmMultilinePaste: true,
    scrollback: 5000,
    clipboard: "ask",
  },
  // A pipeline costs money while it waits, and who is called needs some minutes.
  build: { onError: "pause", waitMs: 900_000 },
  // A machine that swaps may be silent for minutes; nobody sits before a pipeline that waits for hours.
  engine: { patienceMs: 300_000 },
  confirm: { quit: true, closeShell: true, overwrite: true },
  notify: { afterMs: 10_000, how: ["title", "bell"], silentAfterMs: 60_000 },
  keys: [],
};
