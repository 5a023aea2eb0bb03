/** Whether a terminal's cursor stands behind something in its row, as far as that can be told by what was printed. Pure. */

/** As much of the end of a text as tells it. */
const TAIL = 256;
const ESC = "\u001b";
const SEQUENCES = new RegExp(`${ESC}(?:\\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])`, "g");

/** @param before whether it did before this was printed */
export function isLineBegun(printed: string, before: boolean): boolean {
  const shown = printed.slice(-TAIL).replace(SEQUENCES, "").replace(/\r+$/, "");
  return shown === "" ? before : !shown.endsWith("\n");
}
