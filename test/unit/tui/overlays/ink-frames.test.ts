import { Box, Text, useInput } from "ink";
import SelectInput from "ink-select-input";
import { createElement, type ReactElement, useState } from "react";
import { expect, test, vi } from "vitest";
import { InkFrames } from "../../../../src/tui/overlays/ink-frames.ts";

const size = { columns: 20, rows: 5 };

function Row({ text }: { readonly text: string }): ReactElement {
  return createElement(Box, { justifyContent: "flex-end" }, createElement(Text, null, text));
}

function Keys(): ReactElement {
  const [keys, setKeys] = useState("");
  useInput((input) => setKeys((before) => before + input));
  return createElement(Text, null, `keys ${keys}`);
}

test("frames come as rows, and not after disposal", () => {
  const frames: (readonly string[])[] = [];
  const drawn = new InkFrames({
    element: createElement(Row, { text: "one" }),
    size,
    onFrame: (rows) => frames.push(rows),
  });
  expect(frames.at(-1)).toEqual([`${" ".repeat(17)}one`]);
  const count = frames.length;
  drawn[Symbol.dispose]();
  expect(frames).toHaveLength(count);
});

test("an element taller than the screen is still one frame, without any control sequence", () => {
  let frame: readonly string[] = [];
  const lines = Array.from({ length: 30 }, (_, index) =>
    createElement(Text, { key: index }, `line ${index}`),
  );
  using _drawn = new InkFrames({
    element: createElement(Box, { flexDirection: "column" }, lines),
    size,
    onFrame: (rows) => {
      frame = rows;
    },
  });
  expect(frame).toHaveLength(30);
  expect(frame.join("")).not.toContain("\u001b");
});

test("keys given to it reach input hooks and menus", async () => {
  let frame = "";
  const onFrame = (rows: readonly string[]): void => {
    frame = rows.join("\n");
  };
  using keys = new InkFrames({ element: createElement(Keys), size, onFrame });
  keys.type("a");
  keys.type("b");
  await vi.waitFor(() => expect(frame).toBe("keys ab"));
  let selected = "";
  const onSelect = (item: { readonly value: string }): void => {
    selected = item.value;
  };
  const items = ["deps", "app"].map((label) => ({ label, value: label }));
  using menu = new InkFrames({
    element: createElement(SelectInput<string>, { items, onSelect }),
    size,
    onFrame,
  });
  menu.type("\u001b[B");
  await vi.waitFor(() => expect(frame).toMatch(/❯ app/));
  menu.type("\r");
  await vi.waitFor(() => expect(selected).toBe("app"));
});
