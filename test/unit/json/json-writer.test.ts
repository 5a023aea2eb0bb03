import { expect, test } from "vitest";
import { JsonWriter } from "../../../src/json/json-writer.ts";
import type { Output } from "../../../src/plain/output.ts";

/** An output whose reader takes nothing until it is told to. */
class LaggingOutput implements Output {
  readonly closed = new AbortController().signal;
  readonly lines: unknown[] = [];
  isLagging = true;
  #drained: () => void = () => undefined;

  line(text: string): void {
    this.write(`${text}\n`);
  }

  write(data: string | Uint8Array): boolean {
    for (const line of String(data).trim().split("\n")) this.lines.push(JSON.parse(line));
    return !this.isLagging;
  }

  onDrain(listener: () => void): void {
    this.#drained = listener;
  }

  drain(): void {
    this.isLagging = false;
    this.#drained();
  }

  flushed(): Promise<void> {
    return Promise.resolve();
  }
}

const BIG = "x".repeat(100_000);

test("R35 · what a reader has no room for is left out, said in its place, and nothing else is lost", () => {
  const output = new LaggingOutput();
  const writer = new JsonWriter(output, (gap) => ({ gap }));
  writer.write({ first: true });
  for (let number = 1; number <= 30; number++) writer.writeThin({ number, BIG }, 5);
  writer.write({ answer: 1 });
  writer.writeThin({ late: true }, 1);
  writer.write({ answer: 2 });
  expect(output.lines).toEqual([{ first: true }]);
  expect(writer.waiting).toBeGreaterThan(1_000_000);
  expect(writer.waiting).toBeLessThan(1_300_000);
  output.drain();
  expect(writer.waiting).toBe(0);
  const told = output.lines.map((line) => Object.keys(line as object)[0]);
  expect(told.filter((key) => key !== "number")).toEqual(["first", "gap", "answer", "gap", "answer"]);
  const thin = told.filter((key) => key === "number").length;
  expect(output.lines).toContainEqual({ gap: { lines: 5 * (30 - thin), events: 30 - thin } });
  expect(output.lines).toContainEqual({ gap: { lines: 1, events: 1 } });
  writer.writeThin({ number: 31 }, 5);
  expect(output.lines.at(-1)).toEqual({ number: 31 });
});

test("the end gives the stream all that waits, the last gap too", () => {
  const output = new LaggingOutput();
  const writer = new JsonWriter(output, (gap) => ({ gap }));
  for (let number = 1; number <= 20; number++) writer.writeThin({ number, BIG }, 1);
  writer.end();
  expect(output.lines.at(-1)).toHaveProperty("gap.lines");
  expect(writer.waiting).toBe(0);
});

test("a line for quiet times is written only in them", () => {
  const output = new LaggingOutput();
  output.isLagging = false;
  const writer = new JsonWriter(output, (gap) => ({ gap }));
  writer.write({ first: true });
  writer.writeIfQuiet({ alive: 1 });
  writer.writeIfQuiet({ alive: 2 });
  expect(output.lines).toEqual([{ first: true }, { alive: 2 }]);
});
