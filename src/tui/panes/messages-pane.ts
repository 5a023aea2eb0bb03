/** Everything bktui said, oldest first (`:messages`). */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Look } from "./look.ts";

export interface Message {
  /** E.g. "11:42:07". */
  readonly time: string;
  readonly text: string;
  readonly tone: "plain" | "failed";
}
export interface MessagesModel {
  readonly messages: readonly Message[];
  /** First visible row, or "end". Long messages wrap, so rows are not messages. */
  readonly top: number | "end";
}

export function messagesPane(model: MessagesModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.top} ${size.rows} ${look.ascii}`);
}
