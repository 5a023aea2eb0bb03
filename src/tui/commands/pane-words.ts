/** The panes by name: their titles, keys and lists. Their commands have rows in console/command-table.ts, the rest is in panes/<pane>/pane.ts. */

interface WordsOfPane {
  /** On its tab, and before "pane" in the help. */
  readonly title: string;
  /** Goes to it; its key is on the tab. */
  readonly command: string;
  /** Its command is this key and does nothing else. Absent: the key table has a row for a command that does more. */
  readonly focus?: { readonly key: string; readonly hint: string };
  /** Its Enter: from the row under its cursor to a line of the source. */
  readonly leads?: string;
  /** When the rule above the lower pane names it. */
  readonly tab: "always" | "while shown" | "never";
  /** The screen's state that remembers its cursor and top row; absent = its own. */
  readonly list?: string;
}

/** In the order of their keys, which tabs and Tab follow. */
export const PANE_WORDS = {
  source: {
    title: "Source",
    command: "pane-source",
    focus: { key: "1", hint: "source" },
    tab: "never",
    list: "source",
  },
  steps: {
    title: "Steps",
    command: "pane-steps",
    focus: { key: "2", hint: "steps" },
    tab: "while shown",
    list: "steps",
  },
  log: {
    title: "Log",
    command: "pane-log",
    focus: { key: "3", hint: "log" },
    tab: "always",
  },
  shell: {
    title: "Shell",
    command: "pane-shell",
    focus: { key: "4", hint: "shell pane" },
    tab: "always",
  },
  files: {
    title: "Files",
    command: "pane-files",
    focus: { key: "5", hint: "files" },
    tab: "always",
    list: "files",
  },
  breaks: {
    title: "Breaks",
    command: "pane-breaks",
    focus: { key: "6", hint: "breaks" },
    tab: "always",
    list: "breaks",
  },
  graph: {
    title: "Graph",
    command: "pane-graph",
    focus: { key: "7", hint: "graph" },
    leads: "graph-go",
    tab: "always",
    list: "graph",
  },
  info: {
    title: "Info",
    command: "pane-info",
    focus: { key: "8", hint: "info" },
    tab: "always",
    list: "info",
  },
  warnings: {
    title: "Warnings",
    command: "warnings",
    focus: { key: "9", hint: "warnings" },
    leads: "warning-go",
    tab: "while shown",
    list: "warnings",
  },
  editor: { title: "Editor", command: "edit", tab: "while shown" },
  messages: { title: "Messages", command: "messages", tab: "while shown", list: "messagesView" },
} as const satisfies Readonly<Record<string, WordsOfPane>>;

/** Where the debugger's keyboard is. */
export type PaneId = keyof typeof PANE_WORDS;
type Words = (typeof PANE_WORDS)[PaneId];
type LeadCommand = Extract<Words, { readonly leads: string }>["leads"];
/** Commands that the key table has from here. */
export type PaneCommand = Words["command"] | LeadCommand;
export type ListPane = Extract<Words, { readonly list: string }>["list"];

export interface PaneWords extends WordsOfPane {
  readonly command: Words["command"];
  readonly leads?: LeadCommand;
  readonly list?: ListPane;
}

const PANE_IDS = Object.keys(PANE_WORDS) as readonly PaneId[];
const ALL_WORDS: readonly PaneWords[] = Object.values(PANE_WORDS);

export const LIST_PANES: readonly ListPane[] = ALL_WORDS.flatMap(({ list }) => list ?? []);

/** The commands that do nothing but go to a pane, with their keys. */
export const FOCUS_COMMANDS: readonly (NonNullable<PaneWords["focus"]> &
  Pick<PaneWords, "command" | "title">)[] = ALL_WORDS.flatMap(({ command, title, focus }) =>
  focus === undefined ? [] : [{ command, title, ...focus }],
);

/** The commands that go from a pane's row to its line of the source. */
export const LEAD_COMMANDS: readonly { readonly command: LeadCommand; readonly pane: PaneId }[] =
  PANE_IDS.flatMap((pane) => {
    const { leads }: PaneWords = PANE_WORDS[pane];
    return leads === undefined ? [] : [{ command: leads, pane }];
  });
