/** How the debug root is called, by people who did or did not choose an image for it. */
import { TARGET } from "../../engine/engine.ts";
import type { DebugState } from "../debugger.ts";

/** "debug root", "debug image alpine:3.22". */
export function debugRootName({ request }: Pick<DebugState, "request">): string {
  const image = request?.debugImage;
  return image === undefined ? "debug root" : `debug image ${image}`;
}

/** "debug root · state at /target". Where FAILED is reproduced, the state is the root and the programs lie beside it. */
export function debugRootWords(
  state: Pick<DebugState, "request">,
  { isReproduced }: { readonly isReproduced: boolean },
): string {
  return isReproduced ? "debug root · state at /" : `${debugRootName(state)} · state at ${TARGET}`;
}
