/** What can be typed next in the debug console. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { clipText } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Session } from "../state/session.ts";
import { completionPlace, typedBefore } from "../values/completion-place.ts";
import { type Candidate, candidates } from "../values/completions-of.ts";
import { placeOf, type StepView, viewOf } from "../values/step-view.ts";
import type { Handlers } from "./handler.ts";

const LONGEST_DETAIL = 200;

export const COMPLETIONS: Handlers<"completions"> = {
  completions: async ({ text, column, line, frameId }, session, { signal }) => {
    const { firstLine, firstColumn } = session.client;
    const place = completionPlace(
      text,
      typeof line === "number" ? line - firstLine : undefined,
      column - firstColumn,
    );
    const typed = typedBefore(place.before);
    const view = viewIfAny(session, frameId);
    const found = await candidates(typed, place.before, view, signal);
    const start = place.lineStart + place.before.length - typed.word.length + firstColumn;
    return {
      targets: found.map((each, index) =>
        targetOf(session, each, { start, length: typed.word.length, index }),
      ),
    };
  },
};

/** A name with something in it that had to be made harmless would be another name: it is not offered as a text. */
function targetOf(
  { build }: Session,
  { label, detail, type }: Candidate,
  { start, length, index }: { readonly start: number; readonly length: number; readonly index: number },
): DebugProtocol.CompletionItem {
  const words = detail === undefined || detail === "" ? undefined : visibleLine(build.masked(detail));
  return {
    label: visibleLine(build.masked(label)),
    sortText: String(index).padStart(5, "0"),
    start,
    length,
    ...(type === undefined ? {} : { type }),
    ...(words === undefined ? {} : { detail: clipText(words, LONGEST_DETAIL) }),
  };
}

/** While the build runs there are commands alone. */
function viewIfAny(session: Session, frameId: number | null | undefined): StepView | undefined {
  try {
    return viewOf(session, placeOf(session, frameId));
  } catch {
    return undefined;
  }
}
