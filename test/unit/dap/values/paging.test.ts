import { describe, expect, test } from "vitest";
import type { Branch, Item } from "../../../../src/dap/values/branch.ts";
import { readable } from "../../../../src/dap/values/file-pieces.ts";
import { partOf } from "../../../../src/dap/values/variables-of.ts";

function branch(items: readonly Item[]): Branch {
  return { key: "k", shape: "indexed", thread: 1, list: () => items };
}

function items(count: number): readonly Item[] {
  return Array.from({ length: count }, (_, index) => ({ name: `n${index}`, value: "" }));
}

describe("a part of a list", () => {
  const all = items(1200);
  const names = (found: readonly Item[]): readonly string[] => found.map(({ name }) => name);

  test("is what is asked for, as far as there is something", () => {
    expect(names(partOf(all, branch(all), { start: 0, count: 2 }))).toEqual(["n0", "n1"]);
    expect(names(partOf(all, branch(all), { start: 1199, count: 5 }))).toEqual(["n1199"]);
    expect(partOf(all, branch(all), { start: 5000, count: 5 })).toEqual([]);
    expect(partOf(all, branch(all), { start: 1, count: undefined })).toHaveLength(1199);
  });

  test("is the whole of a short one, and groups of a long one", async () => {
    const short = items(500);
    expect(partOf(short, branch(short), { start: 0, count: undefined })).toEqual(short);
    const groups = partOf(all, branch(all), { start: 0, count: undefined });
    expect(names(groups)).toEqual(["[0…499]", "[500…999]", "[1000…1199]"]);
    const last = await groups[2]?.branch?.list({ hex: false }, new AbortController().signal);
    expect(last?.map(({ name }) => name).at(0)).toBe("n1000");
    expect(groups[2]?.branch?.size).toBe(200);
    expect(new Set(groups.map((each) => each.branch?.key)).size).toBe(3);
  });
});

describe("bytes that can be read", () => {
  const hider = {
    masked: (text: string) => text.replaceAll("TOP-SECRET", "***").replaceAll("gehëim", "***"),
  };
  const bytes = (text: string, from: number, count: number): string =>
    readable(Buffer.from(text), { from, count }, hider).toString();

  test("are all of them where nothing is hidden", () => {
    expect(bytes("one two three", 4, 3)).toBe("two");
    expect(bytes("one", 1, 100)).toBe("ne");
    expect(bytes("one", 3, 100)).toBe("");
  });

  test("end before the value of a secret, and none are read out of one", () => {
    const text = "one TOP-SECRET two TOP-SECRET";
    expect(bytes(text, 0, 100)).toBe("one ");
    expect(bytes(text, 0, 3)).toBe("one");
    for (let from = 5; from < 14; from++) expect(bytes(text, from, 4)).toBe("");
    expect(bytes(text, 14, 100)).toBe(" two ");
    expect(bytes("a gehëim b", 0, 100)).toBe("a ");
    expect(bytes("a gehëim b", 5, 100)).toBe("");
  });

  test("beside bytes that are no text are those before it", () => {
    const whole = Buffer.concat([Buffer.from([0xff, 0x00]), Buffer.from("TOP-SECRET"), Buffer.from([0xfe])]);
    expect([...readable(whole, { from: 0, count: 100 }, hider)]).toEqual([]);
    expect([...readable(Buffer.from([0xff, 0x00, 0xfe]), { from: 0, count: 2 }, hider)]).toEqual([0xff, 0]);
  });
});
