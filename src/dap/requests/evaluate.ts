/** The debug console, hovers and watches, and values that a client sets. */
import { BOUNDS } from "../../answers/bounds.ts";
import { BktuiError } from "../../base/errors.ts";
import type { Session } from "../state/session.ts";
import type { Item } from "../values/branch.ts";
import { performLines } from "../values/repl.ts";
import { placeOf, type StepView, viewOf } from "../values/step-view.ts";
import { harmlessText, shownValue } from "../values/variables-of.ts";
import { isValue, setArgument, settableName, valueAt, wholeAt } from "../values/watch.ts";
import type { Bodies } from "./arguments.ts";
import type { Handlers } from "./handler.ts";
import { standingBranch } from "./variables.ts";

export const EVALUATE: Handlers<"evaluate" | "setVariable" | "setExpression"> = {
  evaluate: async ({ expression, frameId, context, format }, session, { signal }) => {
    // Some clients have one way to type and say no context. What can only be a value is one in a console, too.
    if ((context === "repl" || (context ?? "") === "") && !isValue(expression)) {
      // A command is not about a frame, so one that the client has not replaced yet is as good as none.
      const frame = typeof frameId === "number" ? session.frames.get(frameId) : undefined;
      if (frame !== undefined) session.show(frame.thread);
      const told = await performLines(session, expression, signal);
      return { result: harmlessText(session, told, BOUNDS.wholeCharacters), variablesReference: 0 };
    }
    const view = viewOf(session, placeOf(session, frameId));
    const item = await valueAt(view, expression, signal);
    if (context !== "clipboard") return evaluated(session, format?.hex === true ? inHex(item) : item);
    const whole = await wholeAt(view, item, signal);
    return { result: harmlessText(session, whole, BOUNDS.wholeCharacters), variablesReference: 0 };
  },

  setVariable: async ({ variablesReference, name, value }, session) => {
    const branch = standingBranch(session, variablesReference);
    if (branch.sets === undefined) throw unsettable();
    return await set(session, viewOf(session, branch.sets), name, value);
  },

  setExpression: async ({ expression, value, frameId }, session) => {
    const name = settableName(expression);
    if (name === undefined) throw unsettable();
    return await set(session, viewOf(session, placeOf(session, frameId)), name, value);
  },
};

function evaluated(session: Session, item: Item): Bodies["evaluate"] {
  const { value, ...rest } = shownValue(session, item);
  return {
    result: value,
    ...rest,
    presentationHint: { attributes: item.isSettable === true ? [] : ["readOnly"] },
  };
}

/** What is a number. */
function inHex(item: Item): Item {
  return /^\d{1,15}$/.test(item.value) ? { ...item, value: `0x${Number(item.value).toString(16)}` } : item;
}

async function set(
  session: Session,
  view: StepView,
  name: string,
  value: string,
): Promise<{ value: string; type?: string; variablesReference: number }> {
  const item = await setArgument(view, name, value);
  const { value: shown, type } = shownValue(session, item);
  return { value: shown, variablesReference: 0, ...(type === undefined ? {} : { type }) };
}

function unsettable(): BktuiError {
  return new BktuiError("unsupported", "this cannot be set: it is what the step was given, or has made", {
    hint: "Build arguments can be set, for the next build; an edit of the Dockerfile changes the rest.",
  });
}
