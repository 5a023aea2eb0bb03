/** Given by start.ts to the built program; from source there is none. */
declare const bktuiKeepCode: (() => void) | undefined;

/** Keeps the compiled code for the next start. Takes some 20 ms, so it belongs to the end of a run. */
export function keepCode(): void {
  if (typeof bktuiKeepCode === "function") bktuiKeepCode();
}
