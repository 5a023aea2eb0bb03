/** Blocks of words in place of a pane: connecting, no engine, a private engine being started, a refused file. */
import { BktuiError } from "../../base/errors.ts";
import type { Size } from "../surface.ts";
import type { Hint } from "./hint-row.ts";
import type { Look } from "./look.ts";

export type TextBlockModel =
  | {
      readonly kind: "working";
      /** E.g. "connecting to unix:///var/run/docker.sock". */
      readonly headline: string;
      /** The latest lines of the engine's start or of the loading, oldest first. */
      readonly lines: readonly string[];
    }
  | {
      readonly kind: "error";
      /** What failed, on what, why. */
      readonly headline: string;
      /** What to do next; undefined = nothing to say. */
      readonly hint: string | undefined;
      readonly lines: readonly string[];
      readonly offers: readonly Hint[];
    };

export function textBlock(model: TextBlockModel, size: Size, look: Look): readonly string[] {
  throw new BktuiError("internal", `not written: ${model.kind} ${size.rows} ${look.ascii}`);
}
