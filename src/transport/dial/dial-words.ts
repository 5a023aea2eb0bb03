/** Why a command reached no engine, in its own words, and what to do about it. */
import { BktuiError } from "../../base/errors.ts";
import { clipText } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import { type CommandAddress, commandLine } from "./dial-command.ts";

/** Of what a command said, the last lines, as they are shown. */
const SHOWN_LINES = 6;
const SHOWN_CHARACTERS = 1000;
/** A line of kubectl's log, of which it writes several before it says in a last one what is wrong. */
const KLOG = /^[IWEF]\d{4} \d\d:\d\d:\d\d/;
/** A shell's answer when there is no such program. */
const NOT_FOUND = 127;

/** How a command ended, and what it had written to its standard error. */
interface CommandEnd {
  readonly code: number | null;
  readonly endedBy: NodeJS.Signals | null;
  readonly words: string;
}

export function commandEnded(address: CommandAddress, end: CommandEnd): BktuiError {
  const how = end.endedBy === null ? `ended with exit code ${end.code}` : `was ended by ${end.endedBy}`;
  const said = shown(end.words);
  const why = `${address.program} ${how}${said === "" ? " and said nothing" : `: ${said}`}`;
  return unreachable(why, `${advice(address, end)}${byHand(address)}`);
}

export function commandSilent(
  address: CommandAddress,
  { seconds, words }: { readonly seconds: number; readonly words: string },
): BktuiError {
  const said = shown(words);
  const why = `${address.program} has not connected within ${seconds} s${said === "" ? "" : `, but said: ${said}`}`;
  return unreachable(why, byHand(address));
}

/** Something on the way speaks before the engine does. */
export function commandTalks(address: CommandAddress, words: string): BktuiError {
  const why = `what ${address.program} gives is no engine's answer: ${shown(words)}`;
  return unreachable(why, byHand(address));
}

/** The program could not be started at all. */
export function commandMissing(address: CommandAddress, cause: unknown): BktuiError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const { program } = address;
  if (code === "ENOENT") {
    return unreachable(
      `there is no program ${program} on the PATH`,
      `Install ${program}, or name another engine.`,
      cause,
    );
  }
  const reason = cause instanceof Error ? cause.message : String(cause);
  return unreachable(`${program} cannot be started: ${reason}`, byHand(address), cause);
}

function unreachable(why: string, hint: string, cause?: unknown): BktuiError {
  return new BktuiError("engine-unreachable", why, { hint, ...(cause === undefined ? {} : { cause }) });
}

/** The command waits for input when it works, hence the end. */
function byHand(address: CommandAddress): string {
  return `Try it by hand: ${visibleLine(commandLine(address))} </dev/null`;
}

function shown(words: string): string {
  const all = words.split("\n").filter((line) => line.trim() !== "");
  const plain = all.filter((line) => !KLOG.test(line));
  const lines = plain.length > 0 ? plain : all;
  return visibleLine(clipText(lines.slice(-SHOWN_LINES).join("\n"), SHOWN_CHARACTERS));
}

/** What the words of ssh, docker, podman and kubectl mean for a user; texts of OpenSSH 9.2 and docker 28.5. */
function advice({ program, args, speaks }: CommandAddress, { code, words }: CommandEnd): string {
  const found = ADVICE.find(({ pattern, of }) => (of === undefined || of === program) && pattern.test(words));
  if (found !== undefined) return `${found.say(args, program)} `;
  if (program === "ssh" && code === NOT_FOUND) return `${otherMeaning(speaks)} `;
  return "";
}

/** ssh:// means two programs. */
function otherMeaning(speaks: CommandAddress["speaks"]): string {
  return speaks === "dockerd"
    ? "The docker command must be on the PATH over there; for a buildkitd use BUILDKIT_HOST or --addr ssh://HOST/…/buildkitd.sock."
    : "The buildctl command must be on the PATH over there; for a dockerd use DOCKER_HOST=ssh://….";
}

/** Where docker or buildctl looks over there when no socket is named. */
function socketThere(args: readonly string[]): string {
  return `No engine listens where it is looked for over there; name its socket: ssh://${visibleLine(args[args.indexOf("--") + 1] ?? "")}/PATH.`;
}

interface Advice {
  readonly of?: string;
  readonly pattern: RegExp;
  say(args: readonly string[], program: string): string;
}

const ADVICE: readonly Advice[] = [
  {
    of: "ssh",
    pattern: /host key verification failed|no .*host key is known/i,
    say: (args) => `Log in once to accept the key of the host: ssh ${hostOf(args)}.`,
  },
  {
    of: "ssh",
    pattern: /permission denied|too many authentication failures/i,
    say: (args) =>
      `ssh may not ask for a password here: log in with a key that an agent holds (ssh-add; ssh-copy-id ${hostOf(args)}).`,
  },
  { of: "ssh", pattern: /dial unix .*(no such file|refused)/i, say: socketThere },
  {
    pattern: /no such container|no container with name/i,
    say: () => "Start the container first, or see its name in the list of running ones.",
  },
  {
    pattern: /is not running|container state improper/i,
    say: (args, program) =>
      `The container has ended: start it again with ${program} start ${containerOf(args)}.`,
  },
  {
    pattern: /exec failed.*"?buildctl"?.*(not found|no such file)/is,
    say: () => "In that container there is no buildctl, so it is no BuildKit: moby/buildkit images have it.",
  },
];

/** What ssh is told to log in to, with user and port. */
function hostOf(args: readonly string[]): string {
  const end = args.indexOf("--");
  const option = (name: string): readonly string[] =>
    args.slice(0, end).includes(name) ? [name, args[args.indexOf(name) + 1] ?? ""] : [];
  return visibleLine([...option("-l"), ...option("-p"), args[end + 1] ?? ""].join(" "));
}

function containerOf(args: readonly string[]): string {
  return visibleLine(args[args.indexOf("-i") + 1] ?? "");
}
