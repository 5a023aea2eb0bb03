/** What a terminal says of itself when it attaches, and what a process says of the build that it runs. */
import { visibleLine } from "../base/visible.ts";
import { SHELL_SIDES, type ShellSide } from "../console/serving.ts";
import type { Size } from "../tui/cells/rect.ts";
import { framed, framedJson } from "./frames.ts";

/** What a screen is drawn by, and how its clipboard is reached; of no other variable anything is sent. */
const SENT_VARIABLES = [
  "TERM",
  "COLORTERM",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "NO_COLOR",
  "FORCE_COLOR",
  "TMUX",
  "STY",
] as const;

/** Of a side; a screen of more would take the memory of the process that draws it. */
const MAX_CELLS = 1000;
const VALUE_LIMIT = 200;
const WORDS_LIMIT = 300;

type Environment = Readonly<Record<string, string | undefined>>;

/** "facts" asks what runs here and wants no screen; "shell" wants a shell and nothing around it. */
export type Wish = "screen" | "watch" | "shell" | "facts";

const WISHES: readonly Wish[] = ["screen", "watch", "shell", "facts"];

export interface Hello {
  readonly wish: Wish;
  /** Of a shell; default: "shown". */
  readonly side?: ShellSide | undefined;
  readonly size: Size;
  readonly env: Environment;
}

/** The build that somebody may attach to. */
export interface ServedFacts {
  readonly name: string;
  readonly pid: number;
  /** "Dockerfile in /src". */
  readonly what: string;
  /** "FAILED step 7/8". */
  readonly status: string;
  readonly screens: number;
}

export function helloFrame({ wish, side, size, env }: Hello): Buffer {
  const sent = SENT_VARIABLES.flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value.slice(0, VALUE_LIMIT)] as const];
  });
  return framedJson("hello", { wish, side, ...size, env: Object.fromEntries(sent) });
}

/** The process's environment as it were on that terminal. */
export function withTerminalOf(env: Environment, terminal: Environment): Environment {
  const own = Object.entries(env).filter(([name]) => !SENT_VARIABLES.some((sent) => sent === name));
  return { ...Object.fromEntries(own), ...terminal };
}

/** Undefined when it is none. */
export function readHello(payload: Buffer): Hello | undefined {
  const value = parsed(payload);
  const wish = WISHES.find((each) => each === field(value, "wish"));
  const asked = field(value, "side");
  const side = SHELL_SIDES.find((each) => each === asked);
  if (wish === undefined || (asked !== undefined && side === undefined)) return undefined;
  const env: Record<string, string> = {};
  for (const name of SENT_VARIABLES) {
    const text = field(field(value, "env"), name);
    if (typeof text === "string") env[name] = text.slice(0, VALUE_LIMIT);
  }
  const size = { columns: cells(field(value, "columns"), 80), rows: cells(field(value, "rows"), 24) };
  return { wish, side, size, env };
}

export function sizeFrame({ columns, rows }: Size): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt16BE(cells(columns, 80), 0);
  payload.writeUInt16BE(cells(rows, 24), 2);
  return framed("size", payload);
}

/** Undefined when it is none. */
export function readSize(payload: Buffer): Size | undefined {
  if (payload.length !== 4) return undefined;
  return { columns: cells(payload.readUInt16BE(0), 80), rows: cells(payload.readUInt16BE(2), 24) };
}

/** Texts are harmless and short. Undefined when it is none. */
export function readFacts(payload: Buffer): ServedFacts | undefined {
  const value = parsed(payload);
  const [name, what, status] = [words(value, "name"), words(value, "what"), words(value, "status")];
  const [pid, screens] = [field(value, "pid"), field(value, "screens")];
  if (name === "" || typeof pid !== "number" || typeof screens !== "number") return undefined;
  return { name, pid, what, status, screens };
}

/** Why it is over, as the process says: harmless and short. */
export function readBye(payload: Buffer): string {
  return visibleLine(payload.toString("utf8")).slice(0, WORDS_LIMIT);
}

function words(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === "string" ? visibleLine(text).slice(0, WORDS_LIMIT) : "";
}

/** A window of no size has the usual one, as terminals that do not know theirs have. */
function cells(value: unknown, usual: number): number {
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? Math.min(value, MAX_CELLS)
    : usual;
}

function parsed(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString("utf8"));
  } catch {
    return undefined;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
