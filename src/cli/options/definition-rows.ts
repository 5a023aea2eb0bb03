/** The options of a build whose definition another program has made. */
import { resolve } from "node:path";
import type { OptionRow } from "./option-row.ts";

export const DEFINITION_ROWS: readonly OptionRow[] = [
  {
    flags: "--llb <file>",
    help: "definition (LLB) in place of a Dockerfile: as buildctl build reads it, or JSON with it; - for standard input",
    choose: ([text = ""], { cwd }) => ({ run: { llb: { text, path: resolve(cwd, text) } } }),
  },
  {
    flags: "--image-config <file>",
    help: 'configuration of the image that a definition becomes, as JSON: {"config": {"Cmd": …}}',
    choose: ([text = ""], { cwd }) => ({ run: { imageConfig: { text, path: resolve(cwd, text) } } }),
  },
];
