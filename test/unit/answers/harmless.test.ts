import { expect, test } from "vitest";
import { BoundedOutput } from "../../../src/answers/bounded-output.ts";
import { BOUNDS } from "../../../src/answers/bounds.ts";
import { harmless } from "../../../src/answers/harmless.ts";

const masked = (text: string): string => text.replaceAll("hunter2", "***");

test("S54 · every string is masked, made visible and cut, and what is undefined goes", () => {
  const data = {
    name: "\u001b]0;title\u0007\u202ename",
    lines: [{ text: "password hunter2\n\u001b[31mred\u001b[0m\r" }],
    count: 3,
    flag: true,
    gone: undefined,
    words: "y".repeat(BOUNDS.textCharacters * 2),
    output: "z".repeat(BOUNDS.textCharacters * 2),
  };
  const clean = harmless(data, masked);
  expect(clean).toMatchObject({
    name: "^[]0;title^G<U+202E>name",
    lines: [{ text: "password ***\nred^M" }],
    count: 3,
    flag: true,
    output: data.output,
  });
  expect(Object.keys(clean)).not.toContain("gone");
  expect(clean.words.length).toBeLessThan(BOUNDS.textCharacters + 100);
  expect(clean.words).toContain("characters left out");
});

test("a name that objects keep for themselves is one like others", () => {
  const env: unknown = JSON.parse('{"__proto__":"hunter2","constructor":"x"}');
  const clean = harmless({ env }, masked);
  expect(JSON.stringify(clean)).toBe('{"env":{"__proto__":"***","constructor":"x"}}');
});

test("of what a program prints the beginning and the end are kept, in bounded memory", () => {
  const output = new BoundedOutput(1000);
  for (let number = 0; number < 1000; number++) output.push(Buffer.from(`line ${number}\n`));
  const { text, omitted } = output.take();
  expect(text.startsWith("line 0\nline 1\n")).toBe(true);
  expect(text.endsWith("line 998\nline 999\n")).toBe(true);
  expect(omitted).toBe(8890 - 1000);
  const short = new BoundedOutput(1000);
  short.push(Buffer.from("ü".repeat(300)));
  expect(short.take()).toEqual({ text: "ü".repeat(300), omitted: 0 });
});
