/** What a client and an adapter said to each other as text that is the same in every run. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { DapClient } from "./dap-client.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/dap/", import.meta.url));

export interface Steadied {
  /** Texts that differ from run to run, by what stands for them. */
  readonly names: Readonly<Record<string, string>>;
}

/**
 * Holds the conversation against test/fixtures/dap/NAME.txt. `UPDATE_GOLDENS=1` writes it anew: read the difference.
 */
export function expectTranscript(client: DapClient, name: string, steadied: Steadied): void {
  const file = `${FIXTURES}${name}.txt`;
  const text = transcript(client, steadied);
  if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
}

/** A line for each message: `>` of the client, `<` an answer, `=` an event. */
export function transcript(client: DapClient, { names }: Steadied): string {
  const numbers = new Map<number, string>();
  const steady = (value: unknown, key = ""): unknown => {
    if (typeof value === "string") return steadyText(value, names);
    if (typeof value === "number") return NUMBERED.has(key) ? numbered(value, numbers) : value;
    if (Array.isArray(value)) return value.map((each) => steady(each, key));
    if (typeof value !== "object" || value === null) return value;
    if (key === "source") return steady(sourceName(value));
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, steady(each, name)]));
  };
  const lines: string[] = [];
  const outputs: OutputBody[] = [];
  for (const message of client.conversation) {
    if (message["event"] === "output") {
      const body = message["body"] as OutputBody;
      // The end of a group: there is one of what was seen to run, which depends on the machine.
      if (body.output !== "") outputs.push(body);
      continue;
    }
    const line = lineOf(message, steady);
    if (line === undefined) continue;
    // What is printed does not wait for requests and answers.
    if (line.startsWith("=")) lines.push(...outputLines(outputs.splice(0), steady));
    lines.push(line);
  }
  return [...lines, ...outputLines(outputs, steady)].map((line) => `${line}\n`).join("");
}

interface OutputBody {
  readonly category?: string;
  readonly output: string;
  readonly line?: number;
}

/** What is printed between two other messages comes in pieces, and that of quick steps in one go: by line, then in its order. */
function outputLines(outputs: readonly OutputBody[], steady: (value: unknown) => unknown): readonly string[] {
  const blocks = new Map<string, { readonly line: number; text: string; readonly category: string }>();
  for (const { category = "console", output, line = 0 } of outputs) {
    const key = `${line} ${category}`;
    const block = blocks.get(key) ?? { line, category, text: "" };
    block.text += output;
    blocks.set(key, block);
  }
  return [...blocks.values()]
    .sort((a, b) => a.line - b.line || a.category.localeCompare(b.category))
    .map(({ line, category, text }) => `= output ${category} ${line} ${JSON.stringify(steady(text))}`);
}

/** Numbers that stand for something: by the order in which they turn up. */
const NUMBERED: ReadonlySet<string> = new Set([
  "id",
  "frameId",
  "targetId",
  "variablesReference",
  "hitBreakpointIds",
]);

function numbered(value: number, numbers: Map<number, string>): string | number {
  // Those of breakpoints are small, and in the order in which they were set.
  if (value < 1000) return value;
  const known = numbers.get(value) ?? `#${numbers.size + 1}`;
  numbers.set(value, known);
  return known;
}

function steadyText(text: string, names: Readonly<Record<string, string>>): string {
  const named = Object.entries(names).reduce((now, [name, value]) => now.replaceAll(value, name), text);
  return (
    named
      // Whether an image is there already is of no account.
      .replaceAll("CACHED FROM", "FROM")
      .replaceAll(/\b[0-9a-f-]{36}::[a-z0-9]{25}\b/g, "REF")
      .replaceAll(/sha256:[0-9a-f]{12,64}/g, "DIGEST")
      .replaceAll(/\b[0-9a-f]{64}\b/g, "CHECKSUM")
      .replaceAll(/\b\d+(\.\d+)? ?m?s\b/g, "TIME")
  );
}

/** Where a text is: its path, or its name and number. */
function sourceName(source: object): string {
  const { path, name, sourceReference } = source as {
    path?: string;
    name?: string;
    sourceReference?: number;
  };
  return path ?? `${name} (${sourceReference})`;
}

/** What depends on how quick a machine is. */
const OF_THE_CLOCK: ReadonlySet<unknown> = new Set(["progressStart", "progressUpdate", "progressEnd"]);

function lineOf(
  message: Readonly<Record<string, unknown>>,
  steady: (value: unknown) => unknown,
): string | undefined {
  const { from, type, command, event, arguments: args, body, success, message: words } = message;
  const text = (value: unknown): string => (value === undefined ? "" : ` ${JSON.stringify(steady(value))}`);
  if (from === "client") return `> ${command}${text(args)}`;
  if (OF_THE_CLOCK.has(event)) return undefined;
  if (type === "event") return `= ${event}${text(body)}`;
  // What can be done is told by docs/dap-protocol.md.
  if (success === true && command === "initialize") return "< initialize";
  if (success === true) return `< ${command}${text(body)}`;
  return `< ${command} refused:${text(words)}`;
}
