import { fileURLToPath } from "node:url";

/** Absolute path of a project under test/fixtures/builds. */
export function fixtureAt(name: string): string {
  return fileURLToPath(new URL(`../fixtures/builds/${name}`, import.meta.url));
}
