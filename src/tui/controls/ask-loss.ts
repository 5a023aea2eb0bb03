/** The question before something is lost, as the screen asks it. */
import type { AskLoss } from "../../console/losses.ts";
import type { Desk } from "./app.ts";

export function lossAsker(desk: Pick<Desk, "ask">): AskLoss {
  return ({ title, about, lost }) =>
    desk.ask({ title, lines: about.length === 0 ? lost : [...about, "", ...lost] });
}
