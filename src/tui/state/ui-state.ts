/** What the screen remembers besides the build: focus, cursors, overlays, messages. Plain data and a pure reducer. */
import { unreachable } from "../../base/errors.ts";
import type { StateSide } from "../../engine/engine.ts";
import type { StepId } from "../../graph/program.ts";
import { LIST_PANES, type ListPane, type PaneId } from "../commands/pane-words.ts";
import { defaultSettings, type ScreenSettings } from "../commands/settings.ts";
import { centeredTop, scrolledTop } from "../drawing/row-window.ts";
import { type FilesState, initialFiles, startedList } from "./files-state.ts";
import type { SizeClass } from "./layout.ts";

/** Panes that share the lower part of the screen. Steps are there only on screens without a right column. */
export type LowerPane = Exclude<PaneId, "source">;

/** Programs that have the keyboard have it in their own pane. */
export type KeyboardOwner = "debugger" | "shell" | "editor";

/** A list with a selected row; `top` is the first row shown, `left` the first column. All count from 0. */
export interface ListView {
  readonly cursor: number;
  readonly top: number;
  readonly left: number;
  /** The cursor was put where the build stands: it is shown in the middle until it is moved. */
  readonly centered: boolean;
}

/** Cursor and top row of each pane that is a list, or has one. */
type Lists = Readonly<Record<ListPane, ListView>>;

export interface Message {
  readonly text: string;
  readonly level: "info" | "error";
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** Text being typed; `caret` counts UTF-16 units from 0 and never splits a pair. */
export interface PromptText {
  readonly text: string;
  readonly caret: number;
}

export interface MenuItem {
  readonly label: string;
  readonly value: string;
}

/** What lies over the panes and has the keyboard. */
export type Overlay =
  | { readonly kind: "none" }
  | { readonly kind: "help"; readonly filter: string; readonly selected: number }
  | {
      readonly kind: "prompt";
      readonly purpose: "command" | "search" | "breakpoint" | "argument" | "program" | "write" | "export";
      readonly input: PromptText;
      /** Chosen suggestion of the palette, from 0. */
      readonly selected: number;
      /** How far back in the history, 0 = the text being typed. */
      readonly back: number;
    }
  | {
      readonly kind: "menu";
      readonly title: string;
      readonly items: readonly MenuItem[];
      readonly initial: number;
    }
  | {
      readonly kind: "question";
      readonly title: string;
      readonly lines: readonly string[];
      /** Keys that arrive right after the dialog's appearance were meant for something else. */
      readonly shownAtMs: number;
    }
  | {
      readonly kind: "text";
      readonly title: string;
      readonly lines: readonly string[];
      readonly top: number;
    };

export interface UiState extends Lists {
  readonly focus: PaneId;
  readonly lower: LowerPane;
  /** Who gets the keys when no overlay does. */
  readonly keyboard: KeyboardOwner;
  readonly zoomed: boolean;
  readonly splits: SplitsBySize;
  readonly settings: ScreenSettings;
  /** Chosen among the steps of the source cursor's line; undefined = the one that is meant without a choice. */
  readonly chosenStep: StepId | undefined;
  readonly filesPane: FilesState;
  readonly log: {
    /** First row shown; undefined = the newest rows are followed. */
    readonly top: number | undefined;
    readonly left: number;
    readonly oneStep: boolean;
    /** After a failure or the end a summary is shown first; true = the whole log instead. */
    readonly full: boolean;
    readonly wrap: boolean;
    /** Lines with all that they wrote over. */
    readonly raw: boolean;
    /** Row of the last search hit. */
    readonly hit: number | undefined;
  };
  /** The shell that the shell pane shows, by step and side; undefined = none was asked for. */
  readonly shell: { readonly step: number; readonly side: StateSide } | undefined;
  /** Last search; `text` is lower-cased. */
  readonly search: { readonly pane: PaneId; readonly text: string } | undefined;
  /** The side chosen with "swap", per step; otherwise the most interesting one is shown. */
  readonly sides: ReadonlyMap<number, StateSide>;
  readonly overlay: Overlay;
  /** undefined once its time is over; errors stay until Esc. */
  readonly toast: Message | undefined;
  readonly messages: readonly Message[];
  readonly history: readonly string[];
  readonly fileChanged: boolean;
  /** What is being exported, and how far that is; undefined = nothing. */
  readonly exporting: string | undefined;
  /** Whether the user looks at the terminal, as far as it tells; `wanted`: he does not, and something has happened. */
  readonly terminal: "focused" | "away" | "wanted";
}

/** Rows of the lower pane and columns of the right column beyond (or below) their share. */
export interface Splits {
  readonly lowerRows: number;
  readonly sideColumns: number;
}
export type SplitsBySize = Readonly<Record<SizeClass, Splits>>;

export type UiAction =
  /** `lower`: shown in the lower pane although it has a place of its own on larger screens. */
  | { readonly kind: "focus"; readonly pane: PaneId; readonly lower?: LowerPane }
  | { readonly kind: "keyboard"; readonly owner: KeyboardOwner }
  | { readonly kind: "zoom"; readonly on: boolean }
  | { readonly kind: "split"; readonly sizeClass: SizeClass; readonly change: Partial<Splits> }
  | { readonly kind: "split-reset"; readonly sizeClass: SizeClass }
  /** What was remembered from earlier runs. */
  | { readonly kind: "recall"; readonly splits: SplitsBySize; readonly history: readonly string[] }
  | { readonly kind: "terminal"; readonly is: UiState["terminal"] }
  | { readonly kind: "settings"; readonly change: Partial<ScreenSettings> }
  | { readonly kind: "list"; readonly pane: ListPane; readonly view: Partial<ListView> }
  | { readonly kind: "log"; readonly view: Partial<UiState["log"]> }
  | { readonly kind: "files"; readonly change: Partial<FilesState> }
  | { readonly kind: "search"; readonly pane: PaneId; readonly text: string }
  | { readonly kind: "search-clear" }
  | { readonly kind: "side"; readonly step: number; readonly side: StateSide }
  | { readonly kind: "sides-clear" }
  /** After the source cursor was put on one of its lines. */
  | { readonly kind: "choose-step"; readonly step: StepId }
  | { readonly kind: "show-shell"; readonly step: number; readonly side: StateSide }
  | { readonly kind: "overlay"; readonly overlay: Overlay }
  | { readonly kind: "say"; readonly message: Message }
  | { readonly kind: "tick"; readonly nowMs: number }
  | { readonly kind: "toast-clear" }
  | { readonly kind: "remember-input"; readonly text: string }
  | { readonly kind: "file-changed"; readonly changed: boolean }
  | { readonly kind: "exporting"; readonly words: string | undefined };

/** How long an ordinary toast stays, in milliseconds. */
export const TOAST_MS = 4000;
const MAX_MESSAGES = 500;
export const MAX_HISTORY = 100;
/** Of a split, in rows or columns. */
export const MAX_SPLIT = 60;
export const NO_SPLITS: SplitsBySize = {
  narrow: { lowerRows: 0, sideColumns: 0 },
  medium: { lowerRows: 0, sideColumns: 0 },
  wide: { lowerRows: 0, sideColumns: 0 },
};
const LIST: ListView = { cursor: 0, top: 0, left: 0, centered: false };
const LISTS = Object.fromEntries(LIST_PANES.map((pane) => [pane, LIST])) as Lists;

export function initialUiState(settings: ScreenSettings = defaultSettings): UiState {
  return {
    settings,
    focus: "source",
    lower: settings.lowerPane,
    keyboard: "debugger",
    zoomed: false,
    splits: NO_SPLITS,
    ...LISTS,
    chosenStep: undefined,
    // While it is centered its cursor is where the build stands.
    graph: { ...LIST, centered: true },
    // The newest messages are shown until somebody scrolls.
    messagesView: { ...LIST, top: Number.MAX_SAFE_INTEGER },
    filesPane: initialFiles,
    log: { top: undefined, left: 0, oneStep: false, full: false, wrap: false, raw: false, hit: undefined },
    shell: undefined,
    search: undefined,
    sides: new Map(),
    overlay: { kind: "none" },
    toast: undefined,
    messages: [],
    history: [],
    fileChanged: false,
    exporting: undefined,
    terminal: "focused",
  };
}

/** Pure. Returns the same object when nothing changes, so `===` says whether to draw again. */
export function reduceUi(state: UiState, action: UiAction): UiState {
  switch (action.kind) {
    case "focus":
      return focus(state, action.pane, action.lower);
    case "keyboard":
      if (action.owner === state.keyboard) return state;
      return action.owner === "debugger"
        ? { ...state, keyboard: "debugger" }
        : // The shell's title says which state this is; that must be seen now.
          { ...focus(state, action.owner), keyboard: action.owner, toast: undefined };
    case "zoom":
      return action.on === state.zoomed ? state : { ...state, zoomed: action.on };
    case "split":
      return moveSplit(state, action.sizeClass, action.change);
    case "split-reset":
      return { ...state, splits: { ...state.splits, [action.sizeClass]: NO_SPLITS[action.sizeClass] } };
    case "recall":
      return recall(state, action);
    case "terminal":
      return action.is === state.terminal ? state : { ...state, terminal: action.is };
    case "settings":
      return { ...state, settings: { ...state.settings, ...action.change } };
    case "list":
      return moveList(state, action.pane, action.view);
    case "log":
      return { ...state, log: { ...state.log, ...action.view } };
    case "files":
      return { ...state, filesPane: { ...state.filesPane, ...action.change } };
    case "search":
      return { ...state, search: { pane: action.pane, text: action.text.toLowerCase() } };
    case "search-clear":
      return state.search === undefined ? state : { ...state, search: undefined };
    case "side":
      return { ...state, sides: new Map([...state.sides, [action.step, action.side]]) };
    case "choose-step":
      return { ...state, chosenStep: action.step };
    case "sides-clear":
      return {
        ...state,
        chosenStep: undefined,
        sides: new Map(),
        shell: undefined,
        keyboard: "debugger",
        filesPane: startedList(state.filesPane, { step: undefined }),
      };
    case "show-shell":
      return { ...state, shell: { step: action.step, side: action.side } };
    case "overlay":
      return { ...state, overlay: action.overlay };
    case "say":
      return say(state, action.message);
    case "tick":
      return tick(state, action.nowMs);
    case "toast-clear":
      return state.toast === undefined ? state : { ...state, toast: undefined };
    case "remember-input":
      return rememberInput(state, action.text);
    case "file-changed":
      return action.changed === state.fileChanged ? state : { ...state, fileChanged: action.changed };
    case "exporting":
      return action.words === state.exporting ? state : { ...state, exporting: action.words };
    default:
      return unreachable(action);
  }
}

function recall(state: UiState, { splits, history }: Pick<UiState, "splits" | "history">): UiState {
  const isKnown = splits === state.splits && history === state.history;
  return isKnown ? state : { ...state, splits, history };
}

/** Focusing a lower pane shows it; leaving the shell pane gives the keyboard back to the debugger. */
function focus(state: UiState, pane: PaneId, below?: LowerPane): UiState {
  const lower = below ?? lowerOf(pane) ?? state.lower;
  const keyboard = pane === state.keyboard ? state.keyboard : "debugger";
  if (pane === state.focus && lower === state.lower && keyboard === state.keyboard) return state;
  return { ...state, focus: pane, lower, keyboard };
}

function lowerOf(pane: PaneId): LowerPane | undefined {
  return pane === "source" || pane === "steps" ? undefined : pane;
}

function moveSplit(state: UiState, sizeClass: SizeClass, change: Partial<Splits>): UiState {
  const before = state.splits[sizeClass];
  const lowerRows = clampSplit(before.lowerRows + (change.lowerRows ?? 0));
  const sideColumns = clampSplit(before.sideColumns + (change.sideColumns ?? 0));
  if (lowerRows === before.lowerRows && sideColumns === before.sideColumns) return state;
  return { ...state, splits: { ...state.splits, [sizeClass]: { lowerRows, sideColumns } } };
}

function clampSplit(value: number): number {
  return Math.min(MAX_SPLIT, Math.max(-MAX_SPLIT, value));
}

/** A cursor that is moved waits for no path any more; another file's text begins at its top. */
function moveList(state: UiState, pane: ListPane, change: Partial<ListView>): UiState {
  const next = { ...state, [pane]: mergeList(state[pane], change) };
  if (pane === "source" && change.cursor !== undefined) return { ...next, chosenStep: undefined };
  if (pane !== "files") return next;
  const { text } = state.filesPane;
  const isOther = change.cursor !== undefined && change.cursor !== state.files.cursor;
  return {
    ...next,
    filesPane: {
      ...state.filesPane,
      at: undefined,
      text: isOther ? { ...text, top: undefined, left: 0 } : text,
    },
  };
}

function mergeList(view: ListView, change: Partial<ListView>): ListView {
  const merged = { ...view, ...change };
  return {
    cursor: Math.max(0, merged.cursor),
    top: Math.max(0, merged.top),
    left: Math.max(0, merged.left),
    centered: merged.centered,
  };
}

function say(state: UiState, message: Message): UiState {
  return { ...state, toast: message, messages: [...state.messages, message].slice(-MAX_MESSAGES) };
}

/** An ordinary toast ends after TOAST_MS; an error stays. */
function tick(state: UiState, nowMs: number): UiState {
  const { toast } = state;
  if (toast === undefined || toast.level === "error" || nowMs - toast.atMs < TOAST_MS) return state;
  return { ...state, toast: undefined };
}

function rememberInput(state: UiState, text: string): UiState {
  if (text.trim() === "") return state;
  const others = state.history.filter((earlier) => earlier !== text);
  return { ...state, history: [...others, text].slice(-MAX_HISTORY) };
}

/**
 * The view with its cursor among `rows` rows: in the middle when centered, else scrolled just as far as needed to
 * keep `margin` rows around it.
 */
export function keepVisible(view: ListView, total: number, rows: number, margin = 1): ListView {
  const cursor = Math.min(Math.max(0, view.cursor), Math.max(0, total - 1));
  const window = { cursor, rows, total };
  const top = view.centered ? centeredTop(window) : scrolledTop(view.top, window, margin);
  return top === view.top && cursor === view.cursor ? view : { ...view, cursor, top };
}
