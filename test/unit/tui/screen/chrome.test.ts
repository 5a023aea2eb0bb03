import { describe, expect, test } from "vitest";
import { defaultKeys } from "../../../../src/tui/commands/key-bindings.ts";
import { dialogBox } from "../../../../src/tui/drawing/dialog.ts";
import { hintRow } from "../../../../src/tui/drawing/hint-row.ts";
import { type RuleModel, ruleRow, type Tab } from "../../../../src/tui/drawing/rule.ts";
import { textBlock } from "../../../../src/tui/drawing/text-block.ts";
import { helpBox } from "../../../../src/tui/overlays/help-box.ts";
import { type BreakRow, breaksPane, breaksSummary } from "../../../../src/tui/panes/breaks/breaks-pane.ts";
import { infoPane, infoRowCount } from "../../../../src/tui/panes/info/info-pane.ts";
import { failureBlock } from "../../../../src/tui/panes/log/result-block.ts";
import { messagesPane } from "../../../../src/tui/panes/messages/messages-pane.ts";
import { type StatusModel, statusRow } from "../../../../src/tui/screen/status-row.ts";
import { tinyPane } from "../../../../src/tui/screen/tiny.ts";
import { ascii, colored, Lines, seen } from "../panes/picture.ts";

function one(row: string): string {
  return seen([row])[0] ?? "";
}

describe("the first row", () => {
  const model: StatusModel = {
    subject: "bktui services/payment/Dockerfile:app",
    engine: "dockerd 28.5",
    notice: undefined,
    state: { word: "PAUSED", detail: "before step 6/9 · line 11", tone: "paused" },
  };

  test("names the engine where it fits", () => {
    expect(one(statusRow(model, 90, colored))).toBe(
      " bktui services/payment/Dockerfile:app · dockerd 28.5    PAUSED before step 6/9 · line 11",
    );
    expect(one(statusRow(model, 80, colored))).not.toContain("dockerd");
  });

  test("cuts the left part and never the state", () => {
    for (let columns = 34; columns < 90; columns += 1) {
      expect(one(statusRow(model, columns, colored))).toMatch(/PAUSED before step 6\/9 · line 11$/);
    }
    expect(one(statusRow(model, 50, colored))).toBe(" bktui services… PAUSED before step 6/9 · line 11");
  });

  test("shows a notice before the state, and drops it first", () => {
    const changed = { ...model, notice: "file changed, r to rerun" };
    expect(one(statusRow(changed, 80, colored))).toContain("file changed, r to rerun  PAUSED before");
    expect(one(statusRow(changed, 50, colored))).not.toContain("changed");
  });
});

describe("the last row", () => {
  const hints = ["next", "into", "finish"].map((label) => ({ keys: label.charAt(0), label }));
  const last = { keys: "?", label: "help" };

  test("drops whole hints from the right and keeps the help", () => {
    const at = (columns: number): string => one(hintRow({ lead: undefined, hints, last }, columns, colored));
    expect(at(80)).toBe(" n next  i into  f finish  ? help");
    expect(at(33)).toBe(" n next  i into  f finish  ? help");
    expect(at(32)).toBe(" n next  i into  ? help");
    expect(at(8)).toBe(" ? help");
  });

  test("keeps the words of the shell before its keys", () => {
    const lead = "SHELL: every key goes to the shell";
    const back = [{ keys: "Ctrl-] or F12", label: "returns to the debugger" }];
    expect(one(hintRow({ lead, hints: back, last: undefined }, 80, colored))).toBe(
      " SHELL: every key goes to the shell  Ctrl-] or F12 returns to the debugger",
    );
  });
});

describe("a rule", () => {
  const tabs: readonly Tab[] = [
    { key: "3", name: "Log", state: "other" },
    { key: "4", name: "Shell", state: "focused" },
    { key: "6", name: "Breaks", state: "other" },
  ];
  const model: RuleModel = { tabs, right: "FAILED state · x=BASE", toast: undefined };

  test("shortens the names to digits when it is full, the shown one last", () => {
    expect(one(ruleRow(model, 60, colored))).toBe(
      "─ 3 Log ─[ 4 Shell ]─ 6 Breaks ───── FAILED state · x=BASE ─",
    );
    expect(one(ruleRow(model, 50, colored))).toBe("─3─[ 4 Shell ]─6────────── FAILED state · x=BASE ─");
    expect(one(ruleRow(model, 34, colored))).toBe("─3─[4]─6── FAILED state · x=BASE ─");
    expect(one(ruleRow(model, 24, colored))).toBe("─3─[4]─6─ FAILED state…─");
    expect(one(ruleRow(model, 14, colored))).toBe("─3─[4]─6──────");
  });

  test("shows a toast in place of the words at the right", () => {
    const toast = { text: "saved", tone: "plain" } as const;
    const shown = one(ruleRow({ ...model, toast }, 60, colored));
    expect(shown).toMatch(/── saved ─$/);
    expect(shown).not.toContain("x=BASE");
  });

  test("is drawn with ASCII where nothing else can be shown", () => {
    expect(one(ruleRow(model, 60, ascii))).toBe(
      "- 3 Log -[ 4 Shell ]- 6 Breaks ----- FAILED state - x=BASE -",
    );
  });
});

test("breakpoints are listed as in mock-up F", () => {
  const row = (
    place: string,
    text: string,
    when: string,
    hits: number,
    note: string,
    enabled = true,
  ): BreakRow => ({
    enabled,
    place,
    text,
    when,
    hits,
    note,
  });
  const rows = [
    row("Dockerfile:11", "RUN npm run build", "before", 1, "<- here"),
    row("Dockerfile:16", "RUN nginx -t", "before", 0, ""),
    row("end of stage app", "", "-", 0, "(off)", false),
    row("Dockerfile:17 -> end of stage app", "", "moved", 0, "EXPOSE runs nothing"),
  ];
  const size = { columns: 80, rows: 6 };
  expect(seen(breaksPane({ rows, selected: 0, top: 0, focused: true }, size, colored, defaultKeys))).toEqual([
    "   #  on  where                              when            hits",
    ">  1  ●   Dockerfile:11  RUN npm run build   before          1  <- here",
    "   2  ●   Dockerfile:16  RUN nginx -t        before          0",
    "   3  ○   end of stage app                   -               0  (off)",
    "   4  ●   Dockerfile:17 -> end of stage app  moved           0  EXPOSE runs not…",
    "",
  ]);
  expect(breaksSummary(rows)).toBe("4 breakpoints, 1 moved");
});

describe("the block about a failure", () => {
  const log = new Lines();
  for (let line = 1; line <= 20; line += 1) log.add("sha256:0" as never, line * 1000, `line ${line}`);
  const model = {
    headline: "step 7/8 failed: exit code 1 after 0.1s",
    command: "RUN false",
    log,
    startedMs: 0,
    why: ["A reason in one sentence."],
    kept: "Kept: BASE. This engine keeps no FAILED state.",
    cancelled: "",
    also: ["in parallel, step 3/8 failed: exit code 4"],
    offers: [{ keys: "!", label: "shell on BASE" }],
  } as const;

  test("gives the reasons below the headline, and what else failed and was kept above the offers", () => {
    const words = seen(failureBlock(model, { columns: 80, rows: 11 }, colored));
    expect(words[1]).toBe("A reason in one sentence.");
    expect(words.slice(-3)).toEqual([
      "in parallel, step 3/8 failed: exit code 4",
      "Kept: BASE. This engine keeps no FAILED state.",
      expect.stringContaining("shell on BASE"),
    ]);
  });

  test("fills the room above the offers with the last lines of output", () => {
    const rows = seen(failureBlock(model, { columns: 120, rows: 10 }, colored));
    expect(rows.slice(2, 6)).toEqual(
      [17, 18, 19, 20].map((line) => `${line.toFixed(3).padStart(7)} line ${line}`),
    );
    expect(rows.at(-1)).toContain("shell on BASE");
  });

  test("still shows the last two lines when there is hardly any room", () => {
    const rows = seen(failureBlock(model, { columns: 80, rows: 4 }, colored));
    expect(rows.slice(2)).toEqual([" 19.000 line 19", " 20.000 line 20"]);
  });
});

describe("boxes", () => {
  const groups = ["Run", "Look", "Break"];
  const entries = groups.flatMap((group) =>
    Array.from({ length: 9 }, (_, index) => ({
      group,
      key: "abcdefghi".charAt(index),
      alias: index === 0 ? "F5" : "",
      label: `${group.toLowerCase()} command ${index}`,
      whyNot: group === "Look" && index === 0 ? "only one state here" : undefined,
    })),
  );
  const help = { title: "PAUSED, Source pane", filter: "", entries };

  test("help stands in two columns where the screen is wide enough", () => {
    const rows = seen(helpBox({ ...help, selected: 0 }, { columns: 80, rows: 24 }, colored).rows);
    expect(rows[0]).toMatch(/^┌─ Help: PAUSED, Source pane {3}\(type to filter\) ─+┐$/);
    expect(rows[2]).toMatch(/a {2}F5 run command 0 .* look command 5/);
    expect(rows.at(-1)).toMatch(/─ Enter run it · Esc close ─┘$/);
  });

  test("help shows the page of the selected entry when the screen is small", () => {
    const box = helpBox({ ...help, selected: entries.length - 1 }, { columns: 60, rows: 14 }, colored);
    const text = seen(box.rows).join("\n");
    expect(text).toContain("break command 8");
    expect(text).not.toContain("run command 0");
    expect(text).toMatch(/page \d of \d/);
  });

  test("help says why the selected entry cannot be used", () => {
    const rows = seen(helpBox({ ...help, selected: 9 }, { columns: 80, rows: 24 }, colored).rows);
    expect(rows.at(-2)).toContain("a: only one state here");
  });

  test("a question keeps its answers however long its text is", () => {
    const answers = [
      { keys: "y", label: "quit" },
      { keys: "n", label: "stay" },
    ];
    const text = ["a program runs in the shell: sleep 99", "word ".repeat(400)];
    const box = dialogBox({ title: "Quit?", text, answers, footer: "" }, { columns: 60, rows: 12 }, colored);
    const rows = seen(box.rows);
    expect(rows[1]).toContain("sleep 99");
    expect(rows.at(-3)).toContain("y  quit");
    expect(rows.at(-2)).toContain("n  stay");
    expect(box.rect).toEqual({ x: 1, y: 1, columns: 58, rows: 10 });
  });
});

test("long values are wrapped where info has the whole width", () => {
  const entries = [{ label: "env", values: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/bin", "A=1"] }];
  const size = { columns: 36, rows: 4 };
  expect(seen(infoPane({ entries, form: "wide", top: 0 }, size, colored))).toEqual([
    "env      PATH=/usr/local/sbin:/usr/",
    "         local/bin:/usr/bin",
    "         A=1",
    "",
  ]);
  expect(infoRowCount({ entries, form: "wide" }, 36, colored)).toBe(3);
});

test("messages show the newest ones with their times", () => {
  const messages = ["one", "two", "three"].map((text, index) => ({
    time: `11:42:0${index}`,
    text,
    tone: "plain" as const,
  }));
  expect(seen(messagesPane({ messages, top: "end" }, { columns: 40, rows: 2 }, colored))).toEqual([
    " 11:42:01 two",
    " 11:42:02 three",
  ]);
});

test("a screen that is too small shows the state and what to do", () => {
  const state = { word: "FAILED", detail: "step 7/8", tone: "failed" } as const;
  expect(seen(tinyPane(state, { columns: 39, rows: 2 }, colored))).toEqual([
    "FAILED step 7/8 · enlarge the terminal",
    "",
  ]);
});

test("an error names what to do next, and the last lines of what happened", () => {
  const lines = ["starting rootlesskit", "rootlesskit: exit 1"];
  const offers = [{ keys: "r", label: "retry" }];
  const model = {
    kind: "error",
    headline: "no BuildKit at unix:///x.sock",
    hint: "start dockerd",
    lines,
    offers,
  } as const;
  expect(seen(textBlock(model, { columns: 40, rows: 5 }, colored))).toEqual([
    "✗ no BuildKit at unix:///x.sock",
    "start dockerd",
    "rootlesskit: exit 1",
    "",
    "  r  retry",
  ]);
});
