/** Below the log: lines that running steps have begun, as they stand. A bar moves there, a question can be read. */
import type { LogLine, ProgressStore } from "../../../debugger/progress/progress-store.ts";
import type { Digest } from "../../../graph/graph.ts";
import { type LogRow, type LogRows, lineRow } from "./log-rows.ts";

/** Of steps that run side by side the latest ones. */
const MOST = 4;

/** The rows with those lines behind them, as the store has them now; `only`: of one vertex. */
export function withOpenLines(rows: LogRows, store: ProgressStore, only: Digest | undefined): LogRows {
  const lines = store.openLines().filter(({ vertex }) => only === undefined || vertex === only);
  if (lines.length === 0) return rows;
  const open = openRows(lines.slice(-MOST), store, rows);
  return {
    get first() {
      return rows.first;
    },
    get end() {
      return rows.end + open.length;
    },
    row: (index) => (index < rows.end ? rows.row(index) : open[index - rows.end]),
  };
}

/** Each below the name of its step, which may stand there already. */
function openRows(lines: readonly LogLine[], store: ProgressStore, above: LogRows): readonly LogRow[] {
  const last = above.row(above.end - 1);
  let under = last?.kind === "line" || last?.kind === "header" ? last.vertex : undefined;
  const rows: LogRow[] = [];
  for (const line of lines) {
    if (line.vertex !== under) rows.push({ kind: "header", vertex: line.vertex });
    under = line.vertex;
    rows.push(lineRow(line, store.vertex(line.vertex)?.startedMs));
  }
  return rows;
}
