/** The questions before something is lost with shells, as the screen asks them. */
import { type AskLoss, mayRerun } from "../../console/losses.ts";
import { editLines } from "../../console/rerun-question.ts";
import type { OpenState } from "../../debugger/shells/open-state.ts";
import { splitLines } from "../../graph/dockerfile-text.ts";
import { ownText } from "../../graph/linked-parts.ts";
import { readAt } from "../panes/source/document-cache.ts";
import type { App } from "./app.ts";

export function lossAsker(app: Pick<App, "ask">): AskLoss {
  return ({ title, about, lost }) =>
    app.ask({ title, lines: about.length === 0 ? lost : [...about, "", ...lost] });
}

/** @param path of the Dockerfile that the rerun takes; undefined = it is not on this machine */
export async function askToRerun(
  app: Pick<App, "ask" | "view">,
  states: readonly OpenState[],
  path: string | undefined,
): Promise<boolean> {
  const edit = async (): Promise<readonly string[]> => {
    const text = readAt(path);
    const after = text === undefined ? undefined : splitLines(text);
    const { signal } = new AbortController();
    const { program, text: shown } = app.view().document;
    const before = program === undefined ? shown.lines : splitLines(ownText(program));
    return await editLines(before, after, { of: program, signal });
  };
  return await mayRerun(states, edit, lossAsker(app));
}
