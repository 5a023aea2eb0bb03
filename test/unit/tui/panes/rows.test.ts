import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineOf } from "../../../../src/graph/graph.ts";
import type { Size } from "../../../../src/tui/cells/rect.ts";
import { textWidth } from "../../../../src/tui/cells/width.ts";
import { defaultKeys } from "../../../../src/tui/commands/key-bindings.ts";
import { dialogBox } from "../../../../src/tui/drawing/dialog.ts";
import { hintRow } from "../../../../src/tui/drawing/hint-row.ts";
import type { Look } from "../../../../src/tui/drawing/look.ts";
import { ruleRow } from "../../../../src/tui/drawing/rule.ts";
import { textBlock } from "../../../../src/tui/drawing/text-block.ts";
import { type HelpEntry, helpBox } from "../../../../src/tui/overlays/help-box.ts";
import { type BreakRow, breaksPane } from "../../../../src/tui/panes/breaks/breaks-pane.ts";
import { filesPane } from "../../../../src/tui/panes/files/files-pane.ts";
import { noteRow } from "../../../../src/tui/panes/files/files-tree.ts";
import { infoPane } from "../../../../src/tui/panes/info/info-pane.ts";
import { logPane } from "../../../../src/tui/panes/log/log-pane.ts";
import { LogIndex } from "../../../../src/tui/panes/log/log-rows.ts";
import { failureBlock, finishedBlock } from "../../../../src/tui/panes/log/result-block.ts";
import { messagesPane } from "../../../../src/tui/panes/messages/messages-pane.ts";
import { sourceLayout } from "../../../../src/tui/panes/source/source-layout.ts";
import { sourcePane } from "../../../../src/tui/panes/source/source-pane.ts";
import { sourceText } from "../../../../src/tui/panes/source/syntax.ts";
import { stepsPane } from "../../../../src/tui/panes/steps/steps-pane.ts";
import { statusRow } from "../../../../src/tui/screen/status-row.ts";
import { tinyPane } from "../../../../src/tui/screen/tiny.ts";
import {
  ascii,
  colored,
  digest,
  dockerfile,
  mono,
  paused,
  sourceModel,
  stepsModel,
  Told,
} from "./picture.ts";

/** One row of the list, selected, with a text below it. */
function filesOf(text: string, size: Size, look: Look): readonly string[] {
  const line = { kind: "added", before: undefined, after: 1, text } as const;
  const row = { ...noteRow(text, 1, "plain"), path: text, sign: "+", lead: "rwxr-xr-x", facts: text };
  return filesPane(
    {
      titles: ["FILES changed"],
      totals: "+1  ~0  -0",
      bytes: "1 B",
      rows: [row, noteRow(text, 0, "warning")],
      selected: 0,
      top: 0,
      focused: true,
      search: "",
      text: { title: `diff ${text}`, states: "BASE", text: { facts: [text], rows: [line] }, top: 0, left: 0 },
    },
    size,
    look,
  );
}

/** Every pane, with the same text wherever text of others can be. */
function panes(text: string, size: Size, look: Look): Readonly<Record<string, readonly string[]>> {
  const { columns } = size;
  const state = { word: "PAUSED", detail: text, tone: "paused" } as const;
  const offers = [
    { keys: "!", label: text },
    { keys: "x", label: "switch to BASE" },
  ];
  return {
    status: [statusRow({ subject: text, engine: text, notice: text, state }, columns, look)],
    hints: [hintRow({ lead: text, hints: offers, last: { keys: "?", label: "help" } }, columns, look)],
    ...rulesOf(text, columns, look),
    ...sourcesOf(text, size, look),
    ...logsOf(text, size, look),
    files: filesOf(text, size, look),
    steps: stepsPane(
      stepsModel(paused, {
        rows: [
          { kind: "stage", name: text },
          { kind: "step", number: 1, mark: "failed", current: true, text, right: text },
        ],
        focused: true,
        selected: 1,
      }),
      size,
      look,
    ),
    breaks: breaksPane(
      { rows: [breakRow(text), breakRow("RUN")], selected: 0, top: 0, focused: true },
      size,
      look,
      defaultKeys,
    ),
    infoNarrow: infoPane(
      { entries: [{ label: text, values: [text, text] }], form: "narrow", top: 0 },
      size,
      look,
    ),
    infoWide: infoPane(
      { entries: [{ label: "env", values: [text, text] }], form: "wide", top: 0 },
      size,
      look,
    ),
    messages: messagesPane(
      { messages: [{ time: "11:42:07", text, tone: "failed" }], top: "end" },
      size,
      look,
    ),
    tiny: tinyPane(state, size, look),
    finished: finishedBlock(
      { isUnmade: false, headline: text, facts: [{ label: "image", value: text }], offers },
      size,
      look,
    ),
    working: textBlock({ kind: "working", headline: text, lines: [text] }, size, look),
    error: textBlock({ kind: "error", headline: text, hint: text, lines: [text, text], offers }, size, look),
  };
}

function breakRow(text: string): BreakRow {
  return { enabled: true, place: text, text, when: "moved", hits: 1, note: text };
}

function rulesOf(text: string, columns: number, look: Look): Readonly<Record<string, readonly string[]>> {
  const tabs = ["Log", "Shell", "Breaks"].map((name, index) => ({
    key: String(index + 3),
    name,
    state: index === 0 ? ("focused" as const) : ("other" as const),
  }));
  return {
    rule: [ruleRow({ tabs, right: text, toast: undefined }, columns, look)],
    toast: [ruleRow({ tabs, right: "", toast: { text, tone: "failed" } }, columns, look)],
  };
}

function sourcesOf(text: string, size: Size, look: Look): Readonly<Record<string, readonly string[]>> {
  const hostile = sourceText(`FROM ${text}\nRUN ${text} "${text}\n# ${text}\n`);
  const layout = sourceLayout(
    hostile.lines.length,
    [{ stage: text, after: lineOf(2) }],
    [{ line: lineOf(2), text, column: 3 }],
  );
  const changes = { text: hostile, layout, top: 0, cursor: 1 };
  const info = () => ({ breakpoint: "on", mark: "running", right: text, warning: true }) as const;
  return {
    source: sourcePane(sourceModel(paused, size.rows, { ...changes, info }), size, look),
    sourceScrolled: sourcePane(
      sourceModel(paused, size.rows, { ...changes, left: 7, search: "u" }),
      size,
      look,
    ),
  };
}

function logsOf(text: string, size: Size, look: Look): Readonly<Record<string, readonly string[]>> {
  const store = new Told();
  store.tell(digest(1), { status: "failed", startedMs: 0, completedMs: 5 });
  store.say(digest(1), 1, text);
  store.say(digest(1), 2, `\u001b[31m${text}`);
  const rows = new LogIndex(store);
  rows.update();
  rows.note(text);
  const label = () => ({ number: "#1", name: text, ended: text, failed: true });
  const model = { rows, top: "end", left: 0, wrap: false, search: "", cursor: undefined, label } as const;
  return {
    log: logPane(model, size, look),
    logWrapped: logPane({ ...model, wrap: true, cursor: rows.first + 1 }, size, look),
    logScrolled: logPane({ ...model, left: 5, search: "a" }, size, look),
    failure: failureBlock(
      {
        headline: text,
        command: text,
        log: store.log,
        startedMs: 0,
        why: [text],
        kept: text,
        cancelled: "",
        also: [text],
        offers: [{ keys: "!", label: text }],
      },
      size,
      look,
    ),
  };
}

/** Boxes bring their own size. */
function boxes(text: string, screen: Size, look: Look): readonly (readonly [Size, readonly string[]])[] {
  const entry = (key: string): HelpEntry => ({
    group: text.slice(0, 3),
    key,
    alias: "",
    label: text,
    whyNot: text,
  });
  const help = helpBox(
    { title: text, filter: text, entries: ["a", "b"].map(entry), selected: 0 },
    screen,
    look,
  );
  const answers = [
    { keys: "y", label: text },
    { keys: "n", label: "stay" },
  ];
  const dialog = dialogBox({ title: text, text: [text, "", text], answers, footer: text }, screen, look);
  for (const { rect } of [help, dialog]) {
    expect(rect.x + rect.columns).toBeLessThanOrEqual(screen.columns);
    expect(rect.y + rect.rows).toBeLessThanOrEqual(screen.rows);
  }
  return [help, dialog].map(({ rect, rows }) => [rect, rows]);
}

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc
    .array(
      fc.constantFrom(
        ...'\u001b[2J|\u001b]0;x\u0007|\u009b3J|\r|\b|\t|\n|\u202e|\u200b|\u0085|\u007f|宽|👩‍👧|é|e\u0301|word|$|"'.split(
          "|",
        ),
      ),
      { maxLength: 40 },
    )
    .map((parts) => parts.join("")),
);
const sizes = fc.record({
  columns: fc.integer({ min: 1, max: 250 }),
  rows: fc.integer({ min: 1, max: 12 }),
});
const escapeCode = "\u001b";
const sgr = new RegExp(`${escapeCode}\\[([0-9;]*)m`, "g");

describe("whatever the text", () => {
  test("every pane fills its rows exactly", () => {
    fc.assert(
      fc.property(nasty, sizes, (text, size) => {
        for (const [pane, rows] of Object.entries(panes(text, size, colored))) {
          const widths = rows.map(textWidth);
          expect(widths, pane).toEqual(rows.map(() => size.columns));
          expect(rows.length === size.rows || rows.length === 1, pane).toBe(true);
        }
        for (const [rect, rows] of boxes(text, { ...size, rows: size.rows + 7 }, colored)) {
          expect(rows.map(textWidth)).toEqual(Array<number>(rect.rows).fill(rect.columns));
        }
      }),
      { numRuns: 20 },
    );
  });

  test("nothing that could act on a terminal comes out, and every colour is closed", () => {
    fc.assert(
      fc.property(nasty, sizes, (text, size) => {
        const rows = [
          ...Object.values(panes(text, size, colored)).flat(),
          ...boxes(text, { ...size, rows: 20 }, colored).flatMap(([, shown]) => shown),
        ];
        for (const shown of rows) {
          expect(shown.replaceAll(sgr, "")).not.toMatch(/[\p{Cc}\p{Bidi_Control}\u200B]/u);
          const last = [...shown.matchAll(sgr)].at(-1);
          if (last !== undefined) expect(last[0]).toMatch(/\[0?m$/);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("in ASCII mode only ASCII comes out", () => {
    fc.assert(
      fc.property(nasty, sizes, (text, size) => {
        const rows = Object.values(panes(text, size, ascii)).flat();
        for (const shown of rows) {
          expect(shown.replaceAll(sgr, "")).toMatch(/^[ -~]*$/);
          expect(textWidth(shown)).toBe(size.columns);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("with NO_COLOR no colour comes out, but the selection still differs", () => {
    const shown = Object.values(panes("\u001b[31mred", { columns: 80, rows: 8 }, mono))
      .flat()
      .join("");
    const codes = [...shown.matchAll(sgr)].flatMap((match) => (match[1] ?? "").split(";"));
    expect(codes.filter((code) => Number(code) >= 30)).toEqual([]);
    expect(codes).toContain("7");
  });
});

test("the colours of a log line are shown and end with it", () => {
  const store = new Told();
  store.tell(digest(1), { startedMs: 0 });
  store.say(digest(1), 0, "\u001b[32mok\u001b[39m then");
  const rows = new LogIndex(store);
  rows.update();
  const label = () => ({ number: "#1", name: "RUN", ended: "", failed: false });
  const model = { rows, top: "end", left: 0, wrap: false, search: "", cursor: undefined, label } as const;
  expect(logPane(model, { columns: 20, rows: 2 }, colored)[1]).toContain("\u001b[32mok");
  expect(logPane(model, { columns: 20, rows: 2 }, mono)[1]).not.toContain("\u001b[32m");
});

test("of a Dockerfile of 10,000 lines only the visible ones are looked at", () => {
  const text = sourceText(dockerfile.repeat(600));
  const layout = sourceLayout(text.lines.length, []);
  let asked = 0;
  const info = (): undefined => {
    asked += 1;
    return undefined;
  };
  const rows = sourcePane(
    sourceModel(paused, 40, { text, layout, top: 9000, cursor: 9000, info }),
    { columns: 120, rows: 40 },
    colored,
  );
  expect(rows[0]).toContain("9001");
  expect(asked).toBe(40);
});
