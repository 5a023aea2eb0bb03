/** The example of the mock-ups: a Dockerfile with three stages and nine steps, and what panes show of it. */
import { stripVTControlCharacters } from "node:util";
import type {
  LogLine,
  LogView,
  ProgressStore,
  VertexProgress,
} from "../../../../src/debugger/progress/progress-store.ts";
import { type Digest, lineOf } from "../../../../src/graph/graph.ts";
import { type Look, makeLook, type StepMark } from "../../../../src/tui/drawing/look.ts";
import { centeredTop } from "../../../../src/tui/drawing/row-window.ts";
import { type SourceRow, sourceLayout } from "../../../../src/tui/panes/source/source-layout.ts";
import type { SourceModel, SourceRowInfo } from "../../../../src/tui/panes/source/source-pane.ts";
import { sourceText } from "../../../../src/tui/panes/source/syntax.ts";
import type { StepsModel, StepsRow } from "../../../../src/tui/panes/steps/steps-pane.ts";

export const dockerfile = `# syntax=docker/dockerfile:1
FROM node:22 AS deps
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm \\
    npm ci

FROM deps AS build
ARG MODE=prod
COPY . .
RUN --mount=type=secret,id=token \\
    npm run build

FROM nginx:1.27 AS app
COPY --from=build /src/dist /usr/share/nginx/html
RUN nginx -t
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
`;

export const colored: Look = makeLook({ env: { LANG: "C.UTF-8" }, color: "always" });
export const mono: Look = makeLook({ env: { LANG: "C.UTF-8", NO_COLOR: "1" } });
export const ascii: Look = makeLook({ env: { LC_ALL: "C" }, color: "always" });

/** What a reader sees: no SGR, no blanks at the end. */
export function seen(rows: readonly string[]): readonly string[] {
  return rows.map((text) => stripVTControlCharacters(text).trimEnd());
}

/** How step 6, at line 11, stands in the pictures A, B and C. */
export interface Moment {
  readonly mark: StepMark;
  readonly right: string;
  readonly breakpoint: boolean;
}
export const running: Moment = { mark: "running", right: "12s", breakpoint: false };
export const paused: Moment = { mark: "waiting", right: "next", breakpoint: true };
export const failed: Moment = { mark: "failed", right: "exit 2", breakpoint: false };

const ends = [
  { stage: "deps", after: lineOf(6) },
  { stage: "build", after: lineOf(12) },
  { stage: "app", after: lineOf(18) },
];

export function sourceModel(moment: Moment, rows: number, changes: Partial<SourceModel> = {}): SourceModel {
  const text = sourceText(dockerfile);
  const layout = sourceLayout(text.lines.length, ends);
  const current = layout.indexOfLine(lineOf(11));
  return {
    text,
    layout,
    current: [current],
    live: [],
    cursor: current,
    top: centeredTop({ cursor: current, rows, total: layout.rows }),
    left: 0,
    focused: true,
    search: "",
    info: (row) => infoOf(row, moment),
    ...changes,
  };
}

function infoOf(row: SourceRow, moment: Moment): SourceRowInfo | undefined {
  if (row.kind !== "line") return undefined;
  const step = (mark: StepMark, right: string): SourceRowInfo => ({
    breakpoint: "none",
    mark,
    right,
    warning: false,
  });
  const known: Readonly<Record<number, SourceRowInfo>> = {
    2: step("cached", "cached"),
    3: step("cached", "cached"),
    4: step("done", "0.1s"),
    5: step("done", "31.2s"),
    10: step("done", "0.1s"),
    11: { ...step(moment.mark, moment.right), breakpoint: moment.breakpoint ? "on" : "none" },
    16: { breakpoint: "on", mark: undefined, right: "", warning: false },
  };
  return known[row.line];
}

export function stepsModel(moment: Moment, changes: Partial<StepsModel> = {}): StepsModel {
  const step = (number: number, mark: StepMark, text: string, right: string): StepsRow => ({
    kind: "step",
    number,
    mark,
    current: number === 6,
    text,
    right,
  });
  return {
    rows: [
      { kind: "stage", name: "deps" },
      step(1, "cached", "FROM node:22", "cached"),
      step(2, "cached", "WORKDIR /src", "cached"),
      step(3, "done", "COPY package*.json ./", "0.1s"),
      step(4, "done", "RUN npm ci", "31.2s"),
      { kind: "stage", name: "build" },
      step(5, "done", "COPY . .", "0.1s"),
      step(6, moment.mark, "RUN npm run build", moment.right),
      { kind: "stage", name: "app" },
      step(7, "waiting", "FROM nginx:1.27", ""),
      step(8, "waiting", "COPY --from=build …", ""),
      step(9, "waiting", "RUN nginx -t", ""),
    ],
    total: 9,
    selected: undefined,
    top: 0,
    focused: false,
    ...changes,
  };
}

export function digest(number: number): Digest {
  return `sha256:${String(number).padStart(64, "0")}` as Digest;
}

export function progressOf(changes: Partial<VertexProgress>): VertexProgress {
  return {
    status: "running",
    name: "",
    startedMs: 0,
    completedMs: undefined,
    error: "",
    transfer: undefined,
    ...changes,
  };
}

/** A log that can be added to and whose oldest lines can be dropped. */
export class Lines implements LogView {
  #lines: (LogLine | undefined)[] = [];
  first = 0;

  get end(): number {
    return this.#lines.length;
  }
  line(index: number): LogLine | undefined {
    return index < this.first ? undefined : this.#lines[index];
  }
  add(vertex: Digest, atMs: number, text: string, raw?: string): void {
    this.#lines.push({ vertex, stream: "stdout", atMs, text, raw });
  }
  dropTo(first: number): void {
    this.first = first;
  }
}

/** A progress store whose content the test sets. */
export class Told implements ProgressStore {
  version = 0;
  readonly warnings = [];
  log = new Lines();
  readonly ending = new Set<Digest>();
  open: readonly LogLine[] = [];
  readonly #vertices = new Map<Digest, VertexProgress>();
  readonly #logs = new Map<Digest, Lines>();

  /** A new attempt: everything told before is forgotten. */
  restart(): void {
    this.log = new Lines();
    this.#vertices.clear();
    this.#logs.clear();
  }
  tell(vertex: Digest, changes: Partial<VertexProgress>): void {
    this.#vertices.set(vertex, { ...(this.#vertices.get(vertex) ?? progressOf({})), ...changes });
  }
  say(vertex: Digest, atMs: number, text: string, raw?: string): void {
    this.log.add(vertex, atMs, text, raw);
    this.logOf(vertex).add(vertex, atMs, text, raw);
  }
  vertex(vertex: Digest): VertexProgress | undefined {
    return this.#vertices.get(vertex);
  }
  vertices(): readonly (readonly [Digest, VertexProgress])[] {
    return [...this.#vertices];
  }
  get running(): ReadonlySet<Digest> {
    return new Set(
      [...this.#vertices].flatMap(([digest, { status }]) => (status === "running" ? [digest] : [])),
    );
  }
  logOf(vertex: Digest): Lines {
    const log = this.#logs.get(vertex) ?? new Lines();
    this.#logs.set(vertex, log);
    return log;
  }
  heardMs(): undefined {
    return undefined;
  }
  clipOf(): undefined {
    return undefined;
  }
  openLines(): readonly LogLine[] {
    return this.open;
  }
  isEnding(vertex: Digest): boolean {
    return this.ending.has(vertex);
  }
  subscribe(): () => void {
    return () => undefined;
  }
}
