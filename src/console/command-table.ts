/** The one table of commands: what a person can ask for in any front end, under which name. Keys are the screen's own. */

export type CommandGroup = "Run" | "Look" | "Break" | "Move" | "Tool";

/** Whether a command can act while the build runs; of a script, the others wait until it has come to rest. */
export type When = "at-rest" | "always";

/**
 * Who has it: every front end; the full screen alone, for what is about the screen itself; or lines alone, for what only
 * scripts have a use for.
 */
export type Where = "both" | "screen" | "lines";

export type FrontEnd = "screen" | "lines";

export interface CommandRow<Id extends string = string, W extends Where = Where> {
  readonly id: Id;
  /** The word that is typed. */
  readonly name: string;
  /** Letters and words that mean the same. */
  readonly aliases: readonly string[];
  /** E.g. "LINE", "[STEP]" when it may be left out; "" = takes none. */
  readonly argument: string;
  /** What it does, in a few words: of its key where it has one. */
  readonly label: string;
  /** The same for lists with room, with what the argument means. */
  readonly about: string;
  readonly group: CommandGroup;
  readonly when: When;
  readonly where: W;
}

type Details = Partial<Pick<CommandRow, "argument" | "about" | "when">>;

/** `names`: the name, then the aliases. */
function row<Id extends string>(
  id: Id,
  names: string,
  group: CommandGroup,
  label: string,
  { argument = "", about = label, when = "at-rest" }: Details = {},
): CommandRow<Id, "both"> {
  const [name = id, ...aliases] = names.split(" ");
  return { id, name, aliases, argument, label, about, group, when, where: "both" };
}

/** Of the full screen alone; its name is its id unless another one is given. */
function screen<Id extends string>(
  id: Id,
  group: CommandGroup,
  label: string,
  name: string = id,
  argument = "",
): CommandRow<Id, "screen"> {
  return { ...row(id, name, group, label, { argument, when: "always" }), where: "screen" };
}

/** Of the line mode and scripts alone. */
function lines<Id extends string>(
  ...[id, names, group, label, details]: Parameters<typeof row<Id>>
): CommandRow<Id, "lines"> {
  return { ...row(id, names, group, label, details), where: "lines" };
}

const BREAKPOINT: Details = { argument: "NUMBER", when: "always" };
const STEP: Details = { argument: "[STEP]" };

/** In the order of the help. */
const ROWS = [
  row("continue", "continue c", "Run", "to a breakpoint or error", {
    about: "run to a breakpoint, an error or the end",
  }),
  row("next", "next n", "Run", "next step in this stage", { about: "run this step, stop at the next" }),
  row("into", "into s step", "Run", "into the stage it needs", { about: "into the stage this step needs" }),
  row("finish", "finish f", "Run", "finish this stage"),
  row("run-to", "to t", "Run", "run to the cursor", {
    argument: "[LINE]",
    about: "run to a line, or to a step of it: 13.2",
  }),
  row("step-back", "back step-back reverse-next reverse-step rn", "Run", "back to the step before", {
    about: "back to the step before this one; nothing runs again",
  }),
  row("reverse-continue", "reverse reverse-continue rc", "Run", "back to a breakpoint", {
    about: "back to the breakpoint before, else to the first step",
  }),
  row("goto", "goto", "Run", "go to the cursor's step", {
    argument: "[LINE]",
    about: "to a step that has run, or where the build is: goto 13.2; nothing runs",
  }),
  row("pause", "pause p", "Run", "pause while running", {
    about: "stop before the next step",
    when: "always",
  }),
  row("cancel", "cancel", "Run", "cancel the running step", { when: "always" }),
  row("keep-going", "keep-going", "Run", "run what needs no failed step", {
    about: "run all that needs no failed step, and list every failure",
  }),
  row("rerun", "rerun r", "Run", "rerun, stop here again"),
  row("rerun-options", "options R", "Run", "rerun with options"),
  row("rerun-start", "restart", "Run", "rerun from the start"),
  row("rerun-no-cache", "no-cache", "Run", "rerun without the cache"),
  row("reconnect", "reconnect", "Run", "connect to the engine again", {
    about: "connect again to an engine that is lost or silent",
    when: "always",
  }),
  row("attempts", "attempts", "Run", "how each run went", { when: "always" }),
  row("secret", "secret", "Run", "a secret for the next build", {
    argument: "id=NAME,src=PATH",
    about: "give a secret to the next build, as --secret does",
  }),
  row("ssh", "ssh", "Run", "an ssh agent for the next build", {
    argument: "ID[=SOCKET]",
    about: "give an ssh agent to the next build, as --ssh does",
  }),
  row("allow", "allow", "Run", "an entitlement for the next build", {
    argument: "NAME",
    about: "give an entitlement to the next build, as --allow does",
  }),
  row("build-arg", "build-arg", "Run", "a build argument for the next build", {
    argument: "NAME[=VALUE]",
    about: "give a build argument to the next build, as --build-arg does",
  }),
  row("arg", "arg", "Run", "set a build argument", {
    argument: "NAME[=VALUE]",
    about: "set a build argument, or take it back, and start over",
  }),
  row("break-line", "break b", "Break", "breakpoint at the cursor", {
    argument: "[PLACE]",
    about: "set a breakpoint, without a place: here; none deletes all",
    when: "always",
  }),
  row("log-point", "logpoint", "Break", "say something at a place", {
    argument: "PLACE [if CONDITION] [hits COUNT] text TEXT",
    about: "say a text at a place without a stop: logpoint 11 text CI is {CI}",
    when: "always",
  }),
  row("break-rule", "rule", "Break", "when it stops", {
    argument: "[NUMBER [if CONDITION] [hits COUNT] [text TEXT]]",
    about: 'give a breakpoint another rule, or none: rule 1 if ENV.CI == "1" hits >= 2',
    when: "always",
  }),
  row("break-why", "why", "Break", "why it does not stop", {
    argument: "[NUMBER]",
    about: "why a breakpoint does not stop, or where it will",
    when: "always",
  }),
  row("catch", "catch", "Break", "which failures stop", {
    argument: "[all|none|run|copy|source|other [if CONDITION]]…",
    about: "which failures stop: catch run if exitCode == 137, source; without one: which do",
    when: "always",
  }),
  row("break-stage-end", "break-end B", "Break", "at the end of this stage", {
    about: "set a breakpoint at the end of this stage, or delete it",
    when: "always",
  }),
  screen("break-toggle", "Break", "switch on/off"),
  screen("break-go", "Break", "go to the line"),
  screen("break-add", "Break", "add one by name"),
  row("break-delete", "delete D break-delete", "Break", "delete", {
    argument: "[NUMBER]",
    about: "delete a breakpoint",
    when: "always",
  }),
  row("break-off", "off disable", "Break", "switch a breakpoint off", BREAKPOINT),
  row("break-on", "on enable", "Break", "switch a breakpoint on", BREAKPOINT),
  row("break-undo", "undo u", "Break", "undo a delete", {
    about: "set the breakpoint again that was deleted last",
    when: "always",
  }),
  row("shell", "shell ! sh", "Look", "shell in this state", {
    argument: "[STEP] [-c COMMAND]",
    about: "shell in the shown state of a step; -c: one command and its exit code",
  }),
  screen("shell-enter", "Look", "shell in this state"),
  row("shell-command", "shell-command", "Look", "one command in this state", {
    argument: "[STEP] COMMAND",
    about: "one command in the step's shell: what shell -c COMMAND and ! COMMAND run",
  }),
  row("swap", "swap x", "Look", "BASE <-> FAILED/AFTER", {
    about: "show BASE instead of FAILED or AFTER, and back",
  }),
  screen("keyboard", "Look", "shell <-> debugger"),
  row("shell-retry", "retry C", "Look", "type the step's command", {
    argument: "[STEP]",
    about: "the shell, with the step's command typed into it",
  }),
  row("shell-new", "shell-new N", "Look", "another shell in this state", {
    argument: "[STEP]",
    about: "another shell in it, beside those that were left",
  }),
  screen("shell-next", "Look", "next shell of this state"),
  screen("shell-previous", "Look", "previous shell of this state"),
  row("shell-restart", "shell-restart K", "Look", "restart the shell, clean state", {
    argument: "[STEP]",
    about: "a shell in the clean state, ending the others",
  }),
  screen("shell-end", "Look", "end the shell"),
  row("changes", "changes d", "Look", "files the step changed", {
    argument: "[STEP]",
    about: "files a step changed",
  }),
  row("files", "files", "Look", "all files of this state", {
    argument: "[STEP] [PATH]",
    about: "what is in a directory of a state, or in its root",
  }),
  row("file-diff", "diff", "Look", "what a step changed in a file", { argument: "[STEP] PATH" }),
  row("file-show", "cat", "Look", "a file of this state", {
    argument: "[STEP] PATH",
    about: "what is in a file of a state",
  }),
  screen("file-open", "Look", "diff, or unfold"),
  screen("file-fold", "Look", "fold, unfold"),
  screen("files-all", "Look", "changed <-> all files"),
  screen("files-sort", "Look", "by path <-> by size"),
  screen("file-write", "Look", "write a copy to the host"),
  row("run-program", "exec", "Look", "a program in this state, without a shell", {
    argument: "[PROGRAM ARGUMENTS]",
  }),
  row("export", "export E", "Look", "export this state", {
    argument: "[STEP] [base|failed|after] [TYPE DEST | -o OUTPUT] [--force] [--rebuild] [--secrets=allow]",
    about: "the state of a step as an image, a tar or a directory: export docker NAME",
  }),
  row("bundle", "bundle", "Look", "all that is known, in one file", {
    argument: "FILE [--state] [--force] [--secrets=allow]",
    about: "all that is known about this stop in one file, for bktui open; --state: with its state",
  }),
  row("debug-shell", "debug-shell", "Look", "shell with other programs, state at /target", STEP),
  row("pane-source", "source list l", "Look", "Source pane", {
    argument: "[LINE]",
    about: "the file around the position or a line",
  }),
  row("pane-steps", "steps", "Look", "Steps pane", { about: "every step and how it stands" }),
  row("pane-log", "log", "Look", "Log pane", {
    argument: "[STEP] [raw] [from N] [last N] [/PATTERN/]",
    about: "what a step has printed, or lines of it; raw: with what it wrote over",
  }),
  screen("pane-shell", "Look", "Shell pane", "shell-pane"),
  screen("pane-files", "Look", "Files pane", "files-pane"),
  row("pane-breaks", "breakpoints breaks", "Look", "Breaks pane", {
    about: "list the breakpoints",
    when: "always",
  }),
  row("pane-graph", "graph", "Look", "Graph pane", {
    about: "stages and steps, and what feeds each step",
  }),
  row("pane-info", "info i", "Look", "Info pane", {
    argument: "[STEP]",
    about: "user, directory, environment and mounts of a step",
  }),
  row("environment", "env", "Look", "user, directory, variables", {
    argument: "[STEP] [NAME]",
    about: "user, directory and variables that a command of a step gets, or one variable",
  }),
  screen("pane-next", "Look", "next pane"),
  screen("pane-previous", "Look", "previous pane"),
  screen("zoom", "Look", "zoom the pane"),
  screen("grow", "Look", "larger lower pane"),
  screen("shrink", "Look", "smaller lower pane"),
  screen("layout-reset", "Look", "sizes as they were"),
  screen("mouse", "Look", "mouse on/off"),
  row("open-sought", "sought O", "Look", "where COPY --from sought"),
  row("thread", "thread threads", "Look", "other platform of the build", {
    argument: "[PLATFORM|NUMBER|next]",
    about: "show another platform of the build; in lines, without one: how each stands",
    when: "always",
  }),
  row("failure-next", "failure", "Look", "next step that failed", {
    argument: "[STEP]",
    about: "stand at the next step that failed, or at one by its number",
  }),
  row("failure-previous", "failure-previous", "Look", "previous step that failed"),
  screen("log-full", "Look", "summary <-> full log"),
  screen("log-one-step", "Look", "one step <-> all steps"),
  screen("log-raw", "Look", "what lines wrote over"),
  screen("graph-go", "Look", "go to the source line"),
  screen("warning-go", "Look", "go to the source line"),
  screen("graph-input", "Move", "to the step it builds on"),
  screen("graph-consumer", "Move", "to the step that uses it"),
  row("graph-op", "graph-op", "Look", "the step's raw LLB", STEP),
  screen("select", "Move", "select lines, characters"),
  screen("select-swap", "Move", "other end of the selection"),
  screen("search", "Move", "search this pane"),
  screen("hit-next", "Move", "next hit"),
  screen("hit-previous", "Move", "previous hit"),
  row("here", "here H where", "Move", "back to the position", { about: "say where the build stands" }),
  screen("step-previous", "Move", "previous step"),
  screen("step-next", "Move", "next step"),
  screen("stage-previous", "Move", "previous stage"),
  screen("stage-next", "Move", "next stage"),
  screen("down", "Move", "down"),
  screen("up", "Move", "up"),
  screen("left", "Move", "left"),
  screen("right", "Move", "right"),
  screen("top", "Move", "to the top"),
  screen("bottom", "Move", "to the end; log follows"),
  screen("page-down", "Move", "page down"),
  screen("page-up", "Move", "page up"),
  screen("half-down", "Move", "half a page down"),
  screen("half-up", "Move", "half a page up"),
  screen("edit", "Tool", "edit in $EDITOR"),
  row("target", "target T", "Tool", "choose the target stage", {
    argument: "[STAGE]",
    about: "build another stage, from the start",
  }),
  screen("copy", "Tool", "copy line or selection"),
  screen("messages", "Tool", "everything bktui said"),
  row("error", "error", "Tool", "the last error with its causes", {
    about: "everything known about the last error",
    when: "always",
  }),
  row("warnings", "warnings", "Tool", "what is warned of, by rule and line", {
    about: "what is warned of, and what the rules ask for",
    when: "always",
  }),
  screen("settings", "Tool", "settings and their values", "set", "[NAME VALUE]"),
  screen("palette", "Tool", "any command by name"),
  lines("expect", "expect", "Tool", "stop a script when it is not so", {
    argument: "[no] WHAT [VALUE]",
    about: "paused [LINE], failed, finished, exit N, step N, output /RE/, log, file PATH, env NAME=VALUE …",
  }),
  row("dap", "dap", "Tool", "let editors attach", {
    argument: "[PLACE]",
    about: "let editors attach to this build, and say how; at unix:NAME or tcp:127.0.0.1:0",
    when: "always",
  }),
  row("help", "help ? h", "Tool", "this help", {
    argument: "[COMMAND]",
    about: "this list",
    when: "always",
  }),
  screen("redraw", "Tool", "redraw everything"),
  screen("suspend", "Tool", "suspend bktui"),
  screen("interrupt", "Tool", "pause, twice to cancel"),
  screen("detach", "Tool", "leave this screen, others stay"),
  row("quit", "quit q exit q!", "Tool", "quit", {
    about: "quit; exit code 0 when the target was built, else 1",
  }),
  screen("shell-send", "Tool", "send ^] to the shell", "shell-send", "^]"),
  screen("back", "Tool", "close, clear, one level back", "close"),
];

/** Names a command; also where it has no key and no word. */
export type CommandId = (typeof ROWS)[number]["id"];

/** Of the full screen alone. */
export type ScreenCommandId = Extract<(typeof ROWS)[number], { readonly where: "screen" }>["id"];

/** In the order of the help. */
export const COMMANDS: readonly CommandRow<CommandId>[] = ROWS;

/** The commands of a front end, in the order of the help. */
export function commandsOf(frontEnd: FrontEnd): readonly CommandRow<CommandId>[] {
  const others: Where = frontEnd === "screen" ? "lines" : "screen";
  return COMMANDS.filter(({ where }) => where !== others);
}

/** The row of a command. */
export function rowOf(id: CommandId): CommandRow<CommandId> | undefined {
  return COMMANDS.find((command) => command.id === id);
}

/** The command that was meant by a typed word: by a name or an alias, else by the unambiguous beginning of one. */
export function commandNamed(
  typed: string,
  commands: readonly CommandRow<CommandId>[],
): CommandRow<CommandId> | undefined {
  const lower = typed.toLowerCase();
  const exact =
    commands.find((command) => namesOf(command).includes(typed)) ??
    commands.find((command) => namesOf(command).includes(lower));
  if (exact !== undefined || lower === "") return exact;
  const named = commands.filter(({ name }) => name.startsWith(lower));
  const meant = named.length > 0 ? named : commands.filter((each) => namesOf(each).some(startsWith(lower)));
  return meant.length === 1 ? meant[0] : undefined;
}

/** Its name, then its aliases. */
export function namesOf({ name, aliases }: CommandRow): readonly string[] {
  return [name, ...aliases];
}

function startsWith(beginning: string): (text: string) => boolean {
  return (text) => text.startsWith(beginning);
}
