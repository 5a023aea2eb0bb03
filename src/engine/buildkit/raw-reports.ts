/** What builds report, as lines of JSON: `--progress=rawjson`. */
import type { moby } from "#proto";
import { jsonLine, rawNote, type WriteLine } from "../../base/json-line.ts";
import { MaskStream, type SecretMask } from "../../session/secret-mask.ts";
import type { Progress } from "../engine.ts";
import { MaskedLogs } from "./masked-logs.ts";
import { filled, type Hiding, rawLog, rawTime, rawTransfer, rawVertex, rawWarning } from "./raw-status.ts";

type StatusResponse = moby.buildkit.v1.StatusResponse.$Shape;
type WireLog = moby.buildkit.v1.VertexLog.$Shape;

/** Writes the reports of builds, one object a line, with the values of secrets hidden. */
export class RawReports {
  readonly #write: WriteLine;

  constructor(write: WriteLine) {
    this.#write = write;
  }

  /**
   * For the status stream of one build.
   * @param isHidden of vertices that are not to be told of
   */
  reader(mask: SecretMask, isHidden: (vertex: string) => boolean): (status: StatusResponse) => Promise<void> {
    const hiding = hidingWith(mask);
    const logs: unknown[] = [];
    const masked = new MaskedLogs<WireLog>(mask, {
      vertexOf: ({ vertex }) => vertex ?? "",
      keyOf: ({ vertex, stream }) => `${stream} ${vertex}`,
      dataOf: ({ msg }) => msg ?? new Uint8Array(),
      emit: (log, data) => logs.push(rawLog(log, data)),
    });
    return async (status) => {
      const vertexes = shown(status.vertexes, ({ digest }) => digest, isHidden);
      for (const { digest, completed } of vertexes)
        if (completed !== null && completed !== undefined) masked.complete(digest ?? "");
      for (const log of shown(status.logs, ({ vertex }) => vertex, isHidden)) masked.push(log);
      masked.settle();
      const line = jsonLine(
        filled({
          vertexes: vertexes.map((each) => rawVertex(each, hiding)),
          statuses: shown(status.statuses, ({ vertex }) => vertex, isHidden).map((each) =>
            rawTransfer(each, hiding),
          ),
          logs: logs.splice(0),
          warnings: shown(status.warnings, ({ vertex }) => vertex, isHidden).map((each) =>
            rawWarning(each, hiding),
          ),
        }),
      );
      if (line !== "{}") await this.#write(line);
    };
  }

  /** Work of this side, and what it warns of. */
  tell(progress: Progress): void {
    const line = ownReport(progress);
    if (line !== undefined) void this.#write(jsonLine(line));
  }
}

function ownReport(progress: Progress): unknown {
  switch (progress.kind) {
    case "vertex": {
      const { vertex, name, startedMs, completedMs, cached, error } = progress;
      const [started, completed] = [startedMs, completedMs].map((ms) =>
        ms === undefined ? undefined : rawTime(ms),
      );
      return { vertexes: [filled({ digest: vertex, name, started, completed, cached, error })] };
    }
    case "status": {
      const { vertex, id, current, total, completed } = progress;
      const timestamp = rawTime(Date.now());
      const ended = completed ? { completed: timestamp } : {};
      return { statuses: [{ id, vertex, ...filled({ total }), current, timestamp, ...ended }] };
    }
    case "warning":
      return rawNote(progress.text);
    case "log":
      return undefined;
  }
}

function hidingWith(mask: SecretMask): Hiding {
  return {
    text: (text) => mask.text(text),
    bytes: (bytes) => {
      const stream = new MaskStream(mask);
      return Buffer.concat([stream.push(bytes), stream.end()]);
    },
  };
}

function shown<T>(
  entries: readonly T[] | null | undefined,
  vertexOf: (entry: T) => string | null | undefined,
  isHidden: (vertex: string) => boolean,
): readonly T[] {
  return (entries ?? []).filter((entry) => !isHidden(vertexOf(entry) ?? ""));
}
