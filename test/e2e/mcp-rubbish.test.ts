/** `bktui mcp` and clients that send rubbish, too much, or go away. */
import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { busyboxContext, testEngines } from "../support/engines.ts";
import { processesWith } from "../support/processes.ts";
import { type Id, RawAgent } from "../support/raw-agent.ts";
import { numbersFrom } from "../support/seeded-numbers.ts";

const INPUTS = 10_000;
const AT_ONCE = 250;
/** No engine is asked for one that is not there. */
const WITHOUT_ENGINE = ["--addr", "unix:///nonexistent/engine.sock", "--engine=never"];

const TOOLS: readonly (readonly [name: string, args: object])[] = [
  ["launch", { stop_on_entry: true, args: { A: "b" }, secrets: ["id=a,src=b"] }],
  ["continue", { seconds: 1 }],
  ["step", { how: "into" }],
  ["run_to", { line: 3, nth: 1 }],
  ["back", { to: "step" }],
  ["goto", { line: 3, nth: 1 }],
  ["break", { place: "/RUN/:after" }],
  ["state", { now: true, limit: 2000 }],
  ["log", { step: 1, search: "a|b", from: 1, lines: 10 }],
  ["source", { path: "Dockerfile", line: 1 }],
  ["cat", { path: "/etc/passwd", side: "base", offset: 1 }],
  ["exec", { program: ["ls", "-l"], seconds: 1 }],
  ["edit", { path: "nowhere/x", old: "a", new: "b" }],
  ["export", { as: "tar", to: "x.tar" }],
  ["rerun", { args: { A: "b" }, go_on: true }],
  ["pause", {}],
  ["quit", {}],
];

const STRANGE: readonly unknown[] = [
  null,
  -1,
  1.5,
  1e308,
  "",
  "\u0000",
  "\u202e\u001b[2J",
  "../../etc/passwd",
  "x".repeat(5000),
  [],
  [[[[]]]],
  {},
  { __proto__: null, constructor: 1 },
  true,
  "__proto__",
];

/** One message as a client would send it, then changed somewhere: in its values, or in its bytes. */
function mutated(number: number, random: (below: number) => number): string {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
  const [name, args] = pick(TOOLS);
  const message: Record<string, unknown> = pick([
    { jsonrpc: "2.0", id: number, method: "tools/call", params: { name, arguments: structuredClone(args) } },
    { jsonrpc: "2.0", id: number, method: "tools/call", params: { name, arguments: structuredClone(args) } },
    { jsonrpc: "2.0", id: `s${number}`, method: "tools/list", params: {} },
    { jsonrpc: "2.0", id: number, method: "ping" },
    { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1, progress: 1 } },
    { jsonrpc: "2.0", id: number, result: {} },
  ]);
  for (let changes = random(3); changes > 0; changes--) change(message, pick, random);
  let text = JSON.stringify(message);
  if (random(4) === 0) {
    const at = random(text.length);
    text = pick([
      text.slice(0, at),
      text.slice(0, at) + text.slice(at + 1 + random(5)),
      `${text.slice(0, at)}${String.fromCharCode(1 + random(255))}${text.slice(at)}`,
      text + text,
    ]);
  }
  return text.replaceAll("\n", " ");
}

function change(
  message: Record<string, unknown>,
  pick: <T>(list: readonly T[]) => T,
  random: (below: number) => number,
): void {
  let place: Record<string, unknown> = message;
  for (let depth = random(3); depth > 0; depth--) {
    const inner = Object.values(place).filter(
      (value): value is Record<string, unknown> => typeof value === "object" && value !== null,
    );
    if (inner.length > 0) place = pick(inner);
  }
  const keys = Object.keys(place);
  const key = keys.length === 0 || random(8) === 0 ? "surprise" : pick(keys);
  if (random(5) === 0) delete place[key];
  else place[key] = structuredClone(pick(STRANGE));
}

/** What must be answered: a request with an id; null = what is no message at all. */
function expectedId(line: string): Id | undefined {
  const trimmed = line.trim();
  if (trimmed === "") return undefined;
  let value: unknown;
  try {
    value = JSON.parse(trimmed);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { id, method, jsonrpc } = value as Readonly<Record<string, unknown>>;
  const isId = typeof id === "string" || typeof id === "number";
  if (isId && typeof method === "string" && jsonrpc === "2.0") return id;
  return undefined;
}

test("10,000 changed messages: each request is answered, nothing falls over, and the end is in order", async () => {
  await using project = await busyboxContext({ files: { Dockerfile: "FROM scratch\nCOPY busybox /b\n" } });
  await using agent = await RawAgent.start([...WITHOUT_ENGINE, project.path]);
  await agent.initialize();
  const random = numbersFrom(46);
  const counts = new Map<string, number>();
  let batch = new Map<string, number>();
  for (let number = 1; number <= INPUTS; number++) {
    const line = mutated(number, random);
    const id = expectedId(line);
    if (id !== undefined) {
      const key = JSON.stringify(id);
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      batch.set(key, count);
    }
    await agent.write(`${line}\n`);
    if (number % AT_ONCE !== 0) continue;
    await agent.answeredAsOften(batch);
    batch = new Map();
  }
  await agent.call("last", "state", { now: true });
  await agent.answered(["last"]);
  agent.child.stdin.end();
  expect(await agent.ended).toEqual([0, null]);
  expect(agent.stderr).not.toMatch(/at .*\.(mjs|cjs|ts):\d+/);
}, 180_000);

test("a line of 100 MB is refused with what is too long, and the next one is heard", async () => {
  await using agent = await RawAgent.start(WITHOUT_ENGINE);
  await agent.initialize();
  const piece = Buffer.alloc(1024 * 1024, "x");
  for (let at = 0; at < 100; at++) await agent.write(piece);
  await agent.write("\n");
  await agent.send({ jsonrpc: "2.0", id: "after", method: "ping" });
  await agent.answered([null, "after"]);
  expect(agent.lines.join()).toMatch(/longer than 4 MiB/);
  agent.child.stdin.end();
  expect(await agent.ended).toEqual([0, null]);
});

test("when the client is gone the program ends, and nothing of the build is left", async () => {
  const [engine] = testEngines();
  if (engine === undefined) throw new Error("no engine");
  const mark = randomUUID();
  await using project = await busyboxContext({
    files: { Dockerfile: `FROM busybox:1.36\nRUN sleep 1000; : ${mark}\n` },
  });
  await using agent = await RawAgent.start([project.path], { engine });
  await agent.initialize();
  await agent.call(1, "launch", {});
  await agent.call(2, "exec", { program: ["/bin/sleep", "2000", mark] });
  await agent.call(3, "continue", {});
  await agent.answered([1, 2]);
  await vi.waitFor(() => expect(processesWith(mark)).not.toEqual([]), 30_000);
  // As the end of a process that was killed closes them.
  agent.child.stdin.destroy();
  agent.child.stdout.destroy();
  await agent.ended;
  await vi.waitFor(() => expect(processesWith(mark)).toEqual([]), 30_000);
});
