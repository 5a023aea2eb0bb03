/** Random requests of the protocol and what becomes of them: the same in each run. Pure. */
import { ARGUMENTS, type RequestName } from "../../src/dap/requests/arguments.ts";
import { framed, framedText } from "./dap-frames.ts";
import { hostileText } from "./hostile-text.ts";

type Below = (limit: number) => number;

export const ALL_REQUESTS = Object.keys(ARGUMENTS) as RequestName[];

const NUMBERS: readonly number[] = [0, 1, 2, -1, 7, 1000, 1001, 0.5, 2 ** 31, -(2 ** 31), 2 ** 53, 1e308];
const TEXTS: readonly string[] = [
  "",
  "1",
  "app",
  "all",
  "/",
  "../../etc/passwd",
  "file:///tmp/Dockerfile",
  "exitCode == 1 &&",
  "{COLOUR}{",
  "\u0000",
  "\ud800",
  hostileText,
  "x".repeat(10_000),
  "__proto__",
];
const KEYS: readonly string[] = [
  ...["threadId", "frameId", "variablesReference", "source", "line", "breakpoints", "filters", "arguments"],
  ...["__proto__", "constructor", "toString", "expression", "memoryReference", "count", "start", "targetId"],
];

function oneOf<T>(all: readonly T[], below: Below): T {
  const found = all[below(all.length)];
  if (found === undefined) throw new Error("of nothing");
  return found;
}

export function randomValue(below: Below, depth = 0): unknown {
  switch (below(depth > 3 ? 4 : 6)) {
    case 0:
      return oneOf(NUMBERS, below);
    case 1:
      return oneOf(TEXTS, below);
    case 2:
      return oneOf([null, true, false], below);
    case 3:
      return below(100) - 50;
    case 4:
      return Array.from({ length: below(4) }, () => randomValue(below, depth + 1));
    default:
      return Object.fromEntries(
        Array.from({ length: below(4) }, () => [oneOf(KEYS, below), randomValue(below, depth + 1)]),
      );
  }
}

/** The same with one place in it changed. */
export function mutatedValue(value: unknown, below: Below): unknown {
  if (typeof value !== "object" || value === null || below(4) === 0) return randomValue(below);
  const entries = Object.entries(value);
  const at = below(entries.length + 1);
  const [key, old] = entries[at] ?? [oneOf(KEYS, below), undefined];
  const isLeftOut = below(4) === 0;
  const changed = isLeftOut ? undefined : mutatedValue(old, below);
  if (Array.isArray(value)) return value.map((each, index) => (index === at ? changed : each));
  return { ...value, [key]: changed };
}

/** A request: mostly one of the protocol, with good, changed or any arguments. */
export function randomRequest(
  good: Readonly<Record<RequestName, unknown>>,
  below: Below,
): { readonly command: string; readonly args: unknown } {
  const name = oneOf(ALL_REQUESTS, below);
  switch (below(8)) {
    case 0:
      return {
        command: oneOf(["nothing", "Initialize", "runInTerminal", "__proto__", "toString"], below),
        args: {},
      };
    case 1:
      return { command: name, args: randomValue(below) };
    case 2:
    case 3:
      return { command: name, args: mutatedValue(good[name], below) };
    default:
      return { command: name, args: good[name] };
  }
}

/** Bytes that are nearly a message. */
export function randomBytes(good: Readonly<Record<RequestName, unknown>>, below: Below): Buffer {
  const { command, args } = randomRequest(good, below);
  const message: unknown = { seq: 1000 + below(1000), type: "request", command, arguments: args };
  switch (below(6)) {
    case 0:
      return framed(mutatedValue(message, below));
    case 1:
      return framed(randomValue(below));
    case 2: {
      const text = JSON.stringify(message);
      return framedText(text.slice(0, below(text.length)));
    }
    case 3:
      return framedText(oneOf(TEXTS, below));
    case 4:
      return Buffer.from(
        `Content-Length: ${oneOf(["-1", "0x10", "1e12", "", "  ", "99999999999999"], below)}\r\n\r\n`,
      );
    default: {
      const bytes = framed(message);
      for (let changes = 1 + below(4); changes > 0; changes -= 1) bytes[below(bytes.length)] = below(256);
      return bytes;
    }
  }
}
