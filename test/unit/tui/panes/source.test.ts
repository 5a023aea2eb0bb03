import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lineOf } from "../../../../src/graph/graph.ts";
import { centeredTop, scrolledTop } from "../../../../src/tui/drawing/row-window.ts";
import { findHit, hitsIn, withHits } from "../../../../src/tui/drawing/search-hits.ts";
import { type SourceRow, sourceLayout } from "../../../../src/tui/panes/source/source-layout.ts";
import { sourcePane } from "../../../../src/tui/panes/source/source-pane.ts";
import { sourceText } from "../../../../src/tui/panes/source/syntax.ts";
import { ascii, colored, failed, seen, sourceModel } from "./picture.ts";

describe("rows of the source", () => {
  const ends = [
    { stage: "a", after: lineOf(2) },
    { stage: "b", after: lineOf(4) },
  ];
  const messages = [{ line: lineOf(4), text: "unknown instruction\nRUN2", column: undefined }];
  const layout = sourceLayout(5, ends, messages);

  test("stand in the order of the file: messages under their line, then the end of the stage", () => {
    const rows = Array.from({ length: layout.rows }, (_, index) => layout.rowAt(index));
    expect(rows.map((row) => (row?.kind === "line" ? row.line : row?.kind))).toEqual([
      1,
      2,
      "end",
      3,
      4,
      "message",
      "message",
      "end",
      5,
    ]);
    expect(layout.rowAt(layout.rows)).toBeUndefined();
  });

  test("are found again by line and by stage", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 70 }), { maxLength: 20 }),
        (lines, after) => {
          const some = sourceLayout(
            lines,
            after.map((line) => ({ stage: `s${line}`, after: lineOf(line) })),
          );
          expect(some.rows).toBe(lines + after.length);
          for (let index = 0; index < some.rows; index += 1) {
            const row: SourceRow | undefined = some.rowAt(index);
            if (row?.kind === "line") expect(some.indexOfLine(row.line)).toBe(index);
            else expect(row?.kind === "end" && some.indexOfEnd(row.stage) === index).toBe(true);
          }
        },
      ),
    );
  });
});

test("a parse error is pointed at under its line", () => {
  const text = sourceText("FROM a\n\tRUN2 宽 make\n");
  const layout = sourceLayout(2, [], [{ line: lineOf(2), text: "unknown instruction", column: 8 }]);
  const rows = seen(
    sourcePane(
      sourceModel(failed, 4, { text, layout, top: 0, info: () => undefined }),
      { columns: 60, rows: 3 },
      colored,
    ),
  );
  expect(rows[1]).toBe("     2           RUN2 宽 make");
  expect(rows[2]).toBe("                         ^ unknown instruction");
});

test("long lines are cut with an ellipsis and scroll to the side", () => {
  const text = sourceText(`RUN ${"0123456789".repeat(6)}`);
  const base = { text, layout: sourceLayout(1, []), top: 0, info: () => undefined };
  const at = (left: number): string | undefined =>
    seen(sourcePane(sourceModel(failed, 1, { ...base, left }), { columns: 30, rows: 1 }, colored))[0];
  expect(at(0)).toBe("     1   RUN 0123456789012345…");
  expect(at(4)).toBe("     1   01234567890123456789…");
  expect(at(60)).toBe("     1   6789");
});

test("S08 · characters that hide or reorder text are named where they stand", () => {
  // What it does is not what a terminal with bidi support would show.
  const text = sourceText(
    'RUN [ "$u" != "root\u202e \u2066# admin\u2069 \u2066" ] && r\u200bm \u200f\u00ad\ufeff-r /',
  );
  const model = sourceModel(failed, 1, { text, layout: sourceLayout(1, []), top: 0, info: () => undefined });
  const [row] = seen(sourcePane(model, { columns: 160, rows: 1 }, colored));
  expect(row?.trim()).toBe(
    '1   RUN [ "$u" != "root<U+202E> <U+2066># admin<U+2069> <U+2066>" ] && r<U+200B>m <U+200F><U+00AD><U+FEFF>-r /',
  );
});

test("the cursor row is inverse, but its marks keep their colours", () => {
  const row = sourcePane(sourceModel(failed, 9), { columns: 80, rows: 9 }, colored)[4] ?? "";
  const [gutter = "", rest = ""] = row.split(colored.paint("selected", "|").split("|")[0] ?? "none");
  expect(gutter).toContain(colored.paint("failed", "✗ "));
  expect(rest).toMatch(/^RUN .*exit 2 /);
});

test("marks and lines have ASCII forms", () => {
  const rows = seen(sourcePane(sourceModel(failed, 9), { columns: 80, rows: 9 }, ascii));
  expect(rows[3]).toMatch(/^ {4}10 \+ COPY/);
  expect(rows[4]).toMatch(/^ > {2}11 x RUN/);
  expect(rows[6]).toBe("         - end of stage build -");
});

describe("the window over the rows", () => {
  test("shows the position in the middle, without blank rows at the end", () => {
    expect(centeredTop({ cursor: 11, rows: 9, total: 21 })).toBe(7);
    expect(centeredTop({ cursor: 1, rows: 9, total: 21 })).toBe(0);
    expect(centeredTop({ cursor: 20, rows: 9, total: 21 })).toBe(12);
  });

  test("scrolls only as far as the cursor needs", () => {
    expect(scrolledTop(5, { cursor: 9, rows: 9, total: 40 })).toBe(5);
    expect(scrolledTop(5, { cursor: 13, rows: 9, total: 40 })).toBe(6);
    expect(scrolledTop(5, { cursor: 5, rows: 9, total: 40 })).toBe(4);
    expect(scrolledTop(5, { cursor: 7, rows: 1, total: 40 })).toBe(7);
  });
});

/** `role:text` of each coloured piece. */
function colors(text: string, line: number): readonly string[] {
  return sourceText(text)
    .spans(lineOf(line))
    .flatMap(({ role, text: part }) => (role === undefined ? [] : [`${role}:${part}`]));
}

describe("colours of a Dockerfile", () => {
  test("keywords, flags, strings, variables", () => {
    const home = ["$", "{HOME:-x}"].join("");
    expect(colors(`RUN --mount=type=secret,id=$X echo "a b" --not-a-flag ${home}\n`, 1)).toEqual([
      "keyword:RUN",
      "flag:--mount=type=secret,id=$X",
      'string:"a b"',
      `variable:${home}`,
    ]);
    expect(colors("from deps as build\n", 1)).toEqual(["keyword:from", "keyword:as"]);
    expect(colors("ONBUILD RUN make\n", 1)).toEqual(["keyword:ONBUILD", "keyword:RUN"]);
  });

  test("comments between continued lines do not end the instruction", () => {
    const text = "RUN --network=none \\\n# why\n  --mount=type=cache,target=/c \\\n\n  RUN x\nRUN y\n";
    expect(colors(text, 2)).toEqual(["comment:# why"]);
    expect(colors(text, 3)).toContain("flag:--mount=type=cache,target=/c");
    expect(colors(text, 5)).toEqual([]);
    expect(colors(text, 6)).toEqual(["keyword:RUN"]);
  });

  test("here-documents end at their word, one after the other", () => {
    const text = "COPY <<A <<-'B' /x/\n# no comment\nA\n\tRUN\n\tB\nRUN z\n";
    expect(colors(text, 1)).toEqual(["keyword:COPY", "keyword:<<A", "keyword:<<-'B'"]);
    expect(colors(text, 2)).toEqual(["string:# no comment"]);
    expect(colors(text, 3)).toEqual(["keyword:A"]);
    expect(colors(text, 4)).toEqual(["string:\tRUN"]);
    expect(colors(text, 5)).toEqual(["keyword:\tB"]);
    expect(colors(text, 6)).toEqual(["keyword:RUN"]);
  });

  test("the escape directive changes what continues a line", () => {
    const text = "# escape=`\nFROM a\nRUN dir C:\\\nRUN b `\n  c\n";
    expect(colors(text, 4)[0]).toBe("keyword:RUN");
    expect(colors(text, 5)).toEqual([]);
  });

  test("nothing of a line is lost, whatever it holds", () => {
    const piece = fc.constantFrom(
      "RUN ",
      "COPY ",
      "<<EOF",
      "EOF",
      '"',
      "'",
      "\\",
      "$",
      "${",
      "}",
      "--a=b",
      " ",
      "\n",
      "\t",
      "#",
      "é",
      "x",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (parts) => {
        const text = sourceText(parts.join(""));
        for (const [index, line] of text.lines.entries()) {
          const joined = text.spans(lineOf(index + 1)).map((span) => span.text);
          expect(joined.join("")).toBe(line);
        }
      }),
    );
  });
});

describe("search", () => {
  test("finds without regard to case and marks across colours", () => {
    expect(hitsIn("npm NPM", "npm")).toEqual([0, 4]);
    expect(withHits([{ text: "ab", role: "keyword" }, { text: "cd" }], "BC")).toEqual([
      { text: "a", role: "keyword" },
      { text: "b", role: "hit" },
      { text: "c", role: "hit" },
      { text: "d" },
    ]);
  });

  test("goes on at the other end, and stays where the only hit is", () => {
    const lines = ["x", "hit", "y", "hit"];
    const rows = { first: 10, end: 14, textAt: (index: number) => lines[index - 10] ?? "" };
    expect(findHit(rows, "hit", 11, "next")).toBe(13);
    expect(findHit(rows, "hit", 13, "next")).toBe(11);
    expect(findHit(rows, "hit", 11, "previous")).toBe(13);
    expect(findHit(rows, "y", 12, "next")).toBe(12);
    expect(findHit(rows, "none", 10, "next")).toBeUndefined();
  });
});
