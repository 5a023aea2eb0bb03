/** Which thread is meant by what was typed. */
import { BktuiError } from "../base/errors.ts";
import { visibleLine } from "../base/visible.ts";
import type { DebugState, ThreadId } from "../debugger/debugger.ts";
import { nextThread } from "../debugger/state/threads.ts";

/**
 * By its platform or a part of it that no other has, by its number, or "next".
 * @throws {BktuiError} "not-found", "not-now" for a build that is for one platform.
 */
export function namedThread(state: Pick<DebugState, "threads" | "shown">, typed: string): ThreadId {
  const { threads } = state;
  if (threads.length === 0)
    throw new BktuiError("not-now", "the build is for one platform: it has no other thread");
  const wanted = typed.toLowerCase();
  if (wanted === "next") return nextThread(state);
  const exact = threads.find(({ id, platform }) => platform === wanted || String(id + 1) === wanted);
  const alike = threads.filter(({ platform }) => platform.split("/").includes(wanted));
  const found = exact ?? (alike.length === 1 ? alike[0] : undefined);
  if (found !== undefined) return found.id;
  const names = threads.map(({ platform }) => visibleLine(platform)).join(", ");
  throw new BktuiError("not-found", `there is no thread "${visibleLine(typed)}"; there are ${names}`);
}
