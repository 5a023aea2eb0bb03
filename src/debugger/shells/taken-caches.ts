/** Containers that are ended because a step needs a cache of theirs, while somebody else has them open. */
import { quietly } from "../../base/quietly.ts";
import type { Container } from "../../engine/engine.ts";
import type { HeldCaches } from "../cache-use.ts";

const REASONS = new WeakMap<Container, string>();

/** Ends it, and remembers why for whoever has it open. Resolves when the engine has let go of its caches. */
export async function takeCaches({ container }: HeldCaches, why: string): Promise<void> {
  REASONS.set(container, why);
  await quietly(container[Symbol.asyncDispose]());
}

/** Why it was ended from elsewhere; undefined = it was not. Untrusted text. */
export function whyTaken(container: Container): string | undefined {
  return REASONS.get(container);
}
