/** Every cause that is looked for when a step has failed. */

import { type PathAsked, type Place, placeKey } from "../../questions/seen.ts";
import type { NextStep } from "../explanation.ts";
import type { Cause, CauseWords, FailedStep } from "./cause.ts";
import { clipped } from "./clipped.ts";
import { denied } from "./denied.ts";
import { fullDisk } from "./full-disk.ts";
import { killedChild } from "./killed-child.ts";
import { leftInMount } from "./left-in-mount.ts";
import { isNamedInLog, notGiven } from "./not-given.ts";
import { program } from "./program.ts";

/** In the order in which they are said. */
const CAUSES: readonly Cause[] = [program, denied, leftInMount, fullDisk, killedChild, clipped];

/** Bounds what one look costs. */
const MOST_PATHS = 40;

/** What is to be looked at next, of one place; undefined when nothing is left. */
export function nextLook(
  failed: FailedStep,
): { readonly place: Place; readonly paths: readonly string[] } | undefined {
  const left = [...CAUSES, notGiven]
    .flatMap((cause) => cause.asks(failed))
    .filter((asked) => !isSeen(asked, failed));
  const [first] = left;
  if (first === undefined) return undefined;
  const here = left.filter(({ place }) => placeKey(place) === placeKey(first.place));
  return { place: first.place, paths: [...new Set(here.map(({ path }) => path))].slice(0, MOST_PATHS) };
}

function isSeen({ place, path }: PathAsked, { facts }: FailedStep): boolean {
  const seen = facts.sights.get(placeKey(place));
  return seen?.isFull === true || seen?.paths.has(path) === true;
}

/** What is known to be so, as one. */
export function causeWords(failed: FailedStep): CauseWords {
  const others = CAUSES.flatMap((cause) => cause.words(failed) ?? []);
  const given = notGiven.words(failed);
  // What the output speaks of comes first; else it is a fact beside others.
  const isNamed = given !== undefined && isNamedInLog(failed);
  const found = given === undefined ? others : isNamed ? [given, ...others] : [...others, given];
  const what = found.find((words) => words.what !== undefined)?.what;
  return {
    ...(what === undefined ? {} : { what }),
    why: [...new Set(found.flatMap(({ why }) => why))],
    next: found.flatMap(({ next }): readonly NextStep[] => next ?? []),
    ...(found.some(({ isExact }) => isExact) ? { isExact: true } : {}),
  };
}
