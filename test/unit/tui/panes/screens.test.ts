import { describe, expect, test } from "vitest";
import type { Rect, Size } from "../../../../src/tui/cells/rect.ts";
import { type Hint, hintRow } from "../../../../src/tui/drawing/hint-row.ts";
import { jointCell, type RuleModel, ruleRow, type Tab } from "../../../../src/tui/drawing/rule.ts";
import { infoPane } from "../../../../src/tui/panes/info/info-pane.ts";
import { type LogLabel, logPane } from "../../../../src/tui/panes/log/log-pane.ts";
import { LogIndex } from "../../../../src/tui/panes/log/log-rows.ts";
import { failureBlock } from "../../../../src/tui/panes/log/result-block.ts";
import { sourcePane } from "../../../../src/tui/panes/source/source-pane.ts";
import { stepsPane, stepsSummary } from "../../../../src/tui/panes/steps/steps-pane.ts";
import { type StatusState, statusRow } from "../../../../src/tui/screen/status-row.ts";
import {
  colored,
  digest,
  failed,
  type Moment,
  paused,
  running,
  seen,
  sourceModel,
  stepsModel,
  Told,
} from "./picture.ts";

interface Screen {
  readonly moment: Moment;
  readonly state: StatusState;
  readonly lowerRight: string;
  readonly hints: readonly Hint[];
  readonly stepsRight: string;
  lower(size: Size): readonly string[];
}

const tabs: readonly Tab[] = [
  { key: "3", name: "Log", state: "shown" },
  { key: "4", name: "Shell", state: "other" },
  { key: "5", name: "Files", state: "other" },
  { key: "6", name: "Breaks", state: "other" },
  { key: "7", name: "Graph", state: "other" },
  { key: "8", name: "Info", state: "other" },
];

function hints(text: string): readonly Hint[] {
  return text.split("  ").map((hint) => {
    const [keys = "", ...label] = hint.split(" ");
    return { keys, label: label.join(" ") };
  });
}

interface Places {
  readonly columns: number;
  readonly rows: number;
  readonly source: Rect;
  readonly sourceRule: Rect;
  readonly lower: Rect;
  readonly lowerRule: Rect;
  readonly side:
    | {
        readonly divider: Rect;
        readonly stepsRule: Rect;
        readonly steps: Rect;
        readonly infoRule: Rect;
        readonly info: Rect;
      }
    | undefined;
}

function rect(x: number, y: number, columns: number, rows: number): Rect {
  return { x, y, columns, rows };
}

/** Where the mock-ups have their panes. */
const narrow: Places = {
  columns: 80,
  rows: 24,
  sourceRule: rect(0, 1, 80, 1),
  source: rect(0, 2, 80, 9),
  lowerRule: rect(0, 11, 80, 1),
  lower: rect(0, 12, 80, 11),
  side: undefined,
};
const wide: Places = {
  columns: 120,
  rows: 40,
  sourceRule: rect(0, 1, 79, 1),
  source: rect(0, 2, 79, 18),
  lowerRule: rect(0, 20, 120, 1),
  lower: rect(0, 21, 120, 18),
  side: {
    divider: rect(79, 1, 1, 19),
    stepsRule: rect(80, 1, 40, 1),
    steps: rect(80, 2, 40, 12),
    infoRule: rect(80, 14, 40, 1),
    info: rect(80, 15, 40, 5),
  },
};

function draw(screen: Screen, places: Places): readonly string[] {
  const cells = Array.from({ length: places.rows }, () => Array<string>(places.columns).fill(" "));
  const put = (area: Rect, rows: readonly string[]): void => {
    for (const [y, text] of seen(rows).entries()) {
      for (const [x, cell] of [...text].entries()) {
        const line = cells[area.y + y];
        if (line !== undefined) line[area.x + x] = cell;
      }
    }
  };
  const { columns, rows, source, lower, side } = places;
  const { state } = screen;
  put(rect(0, 0, columns, 1), [
    statusRow(
      { subject: "bktui Dockerfile:app", engine: undefined, notice: undefined, state },
      columns,
      colored,
    ),
  ]);
  put(places.sourceRule, [ruleRow(sourceRule, places.sourceRule.columns, colored)]);
  put(source, sourcePane(sourceModel(screen.moment, source.rows), source, colored));
  if (side !== undefined) putSide(screen, side, put);
  put(places.lowerRule, [ruleRow({ tabs, right: screen.lowerRight, toast: undefined }, columns, colored)]);
  put(lower, screen.lower(lower));
  const last = { keys: "?", label: "help" };
  put(rect(0, rows - 1, columns, 1), [
    hintRow({ lead: undefined, hints: screen.hints, last }, columns, colored),
  ]);
  return cells.map((line) => line.join("").trimEnd());
}

const sourceRule: RuleModel = {
  tabs: [{ key: "1", name: "Source", state: "focused" }],
  right: "build · line 11/18",
  toast: undefined,
};

function putSide(
  screen: Screen,
  side: NonNullable<Places["side"]>,
  put: (area: Rect, rows: readonly string[]) => void,
): void {
  const strokes = Array.from({ length: side.divider.rows }, (_, row) =>
    jointCell(row === 0 ? "down" : "none", colored),
  );
  put(side.divider, strokes);
  const titled = (key: string, name: string, right: string): RuleModel => ({
    tabs: [{ key, name, state: "other" }],
    right,
    toast: undefined,
  });
  put(side.stepsRule, [ruleRow(titled("2", "Steps", screen.stepsRight), side.stepsRule.columns, colored)]);
  put(side.steps, stepsPane(stepsModel(screen.moment), side.steps, colored));
  put(side.infoRule, [ruleRow(titled("8", "Info", ""), side.infoRule.columns, colored)]);
  put(side.info, infoPane({ entries: info, form: "narrow", top: 0 }, side.info, colored));
}

const info = [
  { label: "stage", values: ["build  (2 of 3, FROM deps)"] },
  { label: "cwd", values: ["/src"] },
  { label: "user", values: ["root"] },
  { label: "cmd", values: ["/bin/sh -c npm run build"] },
  { label: "mounts", values: ["secret token"] },
];

const labels: Readonly<Record<string, LogLabel>> = {
  [digest(4)]: { number: "#4", name: "[deps 4/4] RUN npm ci", ended: "done 31.2s", failed: false },
  [digest(5)]: { number: "#5", name: "[build 1/2] COPY . .", ended: "done 0.1s", failed: false },
  [digest(6)]: {
    number: "#6",
    name: "[build 2/2] RUN --mount=type=secret,id=token npm run build",
    ended: "",
    failed: false,
  },
};

function log(store: Told, notes: readonly string[] = []): (size: Size) => readonly string[] {
  const rows = new LogIndex(store);
  rows.update();
  for (const note of notes) rows.note(note);
  const label = (vertex: string): LogLabel =>
    labels[vertex] ?? { number: "", name: "?", ended: "", failed: false };
  return (size) =>
    logPane({ rows, top: "end", left: 0, wrap: false, search: "", cursor: undefined, label }, size, colored);
}

function runningLog(): Told {
  const store = new Told();
  store.tell(digest(6), { status: "running", startedMs: 1000 });
  const lines: readonly (readonly [number, string])[] = [
    [231, "> shop@1.4.0 build"],
    [231, "> vite build --mode prod"],
    [1804, "vite v6.2.0 building for prod..."],
    [4110, "transforming (214) src/cart/Cart.tsx"],
    [7902, "transforming (511) src/pages/Home.tsx"],
    [12_005, "transforming (803) src/pages/Admin.tsx"],
  ];
  for (const [atMs, text] of lines) store.say(digest(6), 1000 + atMs, text);
  return store;
}

function pausedLog(): Told {
  const store = new Told();
  store.tell(digest(4), { status: "done", startedMs: 0, completedMs: 31_200 });
  store.say(digest(4), 412, "npm warn deprecated inflight@1.0.6");
  store.say(digest(4), 30_910, "added 412 packages in 30s");
  store.tell(digest(5), { status: "done", startedMs: 31_300, completedMs: 31_400 });
  return store;
}

function failedLog(): Told {
  const store = new Told();
  store.tell(digest(6), { status: "failed", startedMs: 0, completedMs: 14_900 });
  store.say(digest(6), 13_870, "src/cart/Cart.tsx:41:7 - error TS2304: Cannot find name 'Prcie'.");
  store.say(digest(6), 14_902, "npm error Lifecycle script `build` failed with error:");
  store.say(digest(6), 14_902, "npm error code 2");
  return store;
}

const runningScreen: Screen = {
  moment: running,
  state: { word: "RUNNING", detail: "step 6/9 · 12s · line 11", tone: "running" },
  lowerRight: "following",
  stepsRight: stepsSummary({ done: 5, running: 1, failed: 0, left: 3 }),
  hints: hints("p pause at next step  Ctrl-C pause/cancel  b break  3 log  / search"),
  lower: log(runningLog()),
};
const pausedScreen: Screen = {
  moment: paused,
  state: { word: "PAUSED", detail: "before step 6/9 · line 11", tone: "paused" },
  lowerRight: "",
  stepsRight: stepsSummary({ done: 5, running: 0, failed: 0, left: 4 }),
  hints: hints("n next  s into  f finish  c continue  t to cursor  b break  ! shell  d files"),
  lower: log(pausedLog(), ["paused before step 6/9 · line 11: RUN npm run build (step)"]),
};
const failedScreen: Screen = {
  moment: failed,
  state: { word: "FAILED", detail: "step 6/9 · exit code 2 · line 11", tone: "failed" },
  lowerRight: "84 lines · Enter full log",
  stepsRight: stepsSummary({ done: 5, running: 0, failed: 1, left: 3 }),
  hints: hints("! shell  x base/failed  e edit  r rerun  q quit"),
  lower: (size) =>
    failureBlock(
      {
        headline: "step 6/9 failed: exit code 2 after 14.9s",
        command: "RUN npm run build",
        log: failedLog().log,
        startedMs: 0,
        why: [],
        kept: "Kept: FAILED (what the command left) and BASE (before it). Both open at once.",
        cancelled: "",
        also: [],
        offers: [
          { keys: "!", label: "shell on FAILED" },
          { keys: "x", label: "switch to BASE" },
          { keys: "e", label: "edit line 11" },
          { keys: "r", label: "rerun from here" },
        ],
      },
      size,
      colored,
    ),
};

function picture(text: string): readonly string[] {
  return text.split("\n").slice(1, -1);
}

describe("at 80x24", () => {
  test("a running step looks like mock-up A", () => {
    expect(draw(runningScreen, narrow)).toEqual(
      picture(`
 bktui Dockerfile:app                          RUNNING step 6/9 · 12s · line 11
─[ 1 Source ]────────────────────────────────────────────── build · line 11/18 ─
     7
     8   FROM deps AS build
     9   ARG MODE=prod
    10 ✓ COPY . .                                                          0.1s
 >  11 / RUN --mount=type=secret,id=token \\                                 12s
    12       npm run build
         ┄ end of stage build ┄
    13
    14   FROM nginx:1.27 AS app
─[ 3 Log ]─ 4 Shell ─ 5 Files ─ 6 Breaks ─ 7 Graph ─ 8 Info ──────── following ─
#6 [build 2/2] RUN --mount=type=secret,id=token npm run build
  0.231 > shop@1.4.0 build
  0.231 > vite build --mode prod
  1.804 vite v6.2.0 building for prod...
  4.110 transforming (214) src/cart/Cart.tsx
  7.902 transforming (511) src/pages/Home.tsx
 12.005 transforming (803) src/pages/Admin.tsx




 p pause at next step  Ctrl-C pause/cancel  b break  3 log  / search  ? help
`),
    );
  });

  test("a stop before a step looks like mock-up B", () => {
    expect(draw(pausedScreen, narrow)).toEqual(
      picture(`
 bktui Dockerfile:app                          PAUSED before step 6/9 · line 11
─[ 1 Source ]────────────────────────────────────────────── build · line 11/18 ─
     7
     8   FROM deps AS build
     9   ARG MODE=prod
    10 ✓ COPY . .                                                          0.1s
●>  11 · RUN --mount=type=secret,id=token \\                                next
    12       npm run build
         ┄ end of stage build ┄
    13
    14   FROM nginx:1.27 AS app
─[ 3 Log ]─ 4 Shell ─ 5 Files ─ 6 Breaks ─ 7 Graph ─ 8 Info ────────────────────
#4 [deps 4/4] RUN npm ci
  0.412 npm warn deprecated inflight@1.0.6
 30.910 added 412 packages in 30s
#4 done 31.2s
#5 [build 1/2] COPY . .
#5 done 0.1s
── paused before step 6/9 · line 11: RUN npm run build (step)




 n next  s into  f finish  c continue  t to cursor  b break  ! shell  ? help
`),
    );
  });

  test("a failed step looks like mock-up C", () => {
    expect(draw(failedScreen, narrow)).toEqual(
      picture(`
 bktui Dockerfile:app                   FAILED step 6/9 · exit code 2 · line 11
─[ 1 Source ]────────────────────────────────────────────── build · line 11/18 ─
     7
     8   FROM deps AS build
     9   ARG MODE=prod
    10 ✓ COPY . .                                                          0.1s
 >  11 ✗ RUN --mount=type=secret,id=token \\                              exit 2
    12       npm run build
         ┄ end of stage build ┄
    13
    14   FROM nginx:1.27 AS app
─[ 3 Log ]─4─5─6─7─8──────────────────────────────── 84 lines · Enter full log ─
✗ step 6/9 failed: exit code 2 after 14.9s        RUN npm run build
 13.870 src/cart/Cart.tsx:41:7 - error TS2304: Cannot find name 'Prcie'.
 14.902 npm error Lifecycle script \`build\` failed with error:
 14.902 npm error code 2

Kept: FAILED (what the command left) and BASE (before it). Both open at once.
  !  shell on FAILED      x  switch to BASE       e  edit line 11
  r  rerun from here



 ! shell  x base/failed  e edit  r rerun  q quit  ? help
`),
    );
  });
});

test("at 120x40 steps and info stand beside the source, as in mock-up B", () => {
  expect(draw(pausedScreen, wide).slice(0, 29)).toEqual(
    picture(`
 bktui Dockerfile:app                                                                  PAUSED before step 6/9 · line 11
─[ 1 Source ]───────────────────────────────────────────── build · line 11/18 ─┬─ 2 Steps ───────────── 5 done  4 left ─
     3 = WORKDIR /src                                                   cached │ deps
     4 ✓ COPY package.json package-lock.json ./                           0.1s │  = 1/9 FROM node:22             cached
     5 ✓ RUN --mount=type=cache,target=/root/.npm \\                      31.2s │  = 2/9 WORKDIR /src             cached
     6       npm ci                                                            │  ✓ 3/9 COPY package*.json ./      0.1s
         ┄ end of stage deps ┄                                                 │  ✓ 4/9 RUN npm ci                31.2s
     7                                                                         │ build
     8   FROM deps AS build                                                    │  ✓ 5/9 COPY . .                   0.1s
     9   ARG MODE=prod                                                         │  > 6/9 RUN npm run build          next
    10 ✓ COPY . .                                                         0.1s │ app
●>  11 · RUN --mount=type=secret,id=token \\                               next │  · 7/9 FROM nginx:1.27
    12       npm run build                                                     │  · 8/9 COPY --from=build …
         ┄ end of stage build ┄                                                │  · 9/9 RUN nginx -t
    13                                                                         │─ 8 Info ───────────────────────────────
    14   FROM nginx:1.27 AS app                                                │stage    build  (2 of 3, FROM deps)
    15   COPY --from=build /src/dist /usr/share/nginx/html                     │cwd      /src
●   16   RUN nginx -t                                                          │user     root
    17   EXPOSE 80                                                             │cmd      /bin/sh -c npm run build
    18   CMD ["nginx", "-g", "daemon off;"]                                    │mounts   secret token
─[ 3 Log ]─ 4 Shell ─ 5 Files ─ 6 Breaks ─ 7 Graph ─ 8 Info ────────────────────────────────────────────────────────────
#4 [deps 4/4] RUN npm ci
  0.412 npm warn deprecated inflight@1.0.6
 30.910 added 412 packages in 30s
#4 done 31.2s
#5 [build 1/2] COPY . .
#5 done 0.1s
── paused before step 6/9 · line 11: RUN npm run build (step)
`).concat([""]),
  );
});
