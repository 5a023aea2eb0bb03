import { fileURLToPath } from "node:url";

/** Absolute path of a project under test/fixtures/builds. */
export function fixtureAt(name: string): string {
  return fileURLToPath(new URL(`../fixtures/builds/${name}`, import.meta.url));
}

/** Absolute path of an input under test/fixtures/cases: what people reported, by the number of its report. */
export function caseAt(name: string): string {
  return fileURLToPath(new URL(`../fixtures/cases/${name}`, import.meta.url));
}
