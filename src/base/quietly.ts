/** Waits for an end whose failure nobody needs to know: what was to end is gone either way. */
export async function quietly(ending: PromiseLike<void>): Promise<void> {
  try {
    await ending;
  } catch {
    // See above.
  }
}
