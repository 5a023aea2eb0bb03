/** Hides the values of a build's secrets from programs before the build has asked for them. */
import { readFile } from "node:fs/promises";
import type { Surroundings } from "../console/build-options.ts";
import type { BuildRequest } from "../engine/build-request.ts";

/** Shorter ones are words of their own. */
const SHORTEST_SECRET = 4;

/**
 * The engine's connection knows a value once the build has asked for it, and then in all its forms. A client may see files
 * with it before.
 */
export async function secretMask(
  { secrets }: Pick<BuildRequest, "secrets">,
  env: Surroundings["env"],
): Promise<(text: string) => string> {
  const read = async ({ from }: (typeof secrets)[number]): Promise<string> =>
    from.kind === "env" ? (env[from.name] ?? "") : await readFile(from.path, "utf8").catch(() => "");
  const values = (await Promise.all(secrets.map(read))).flatMap((value) => [value, value.trim()]);
  const shown = [...new Set(values)].filter((value) => value.length >= SHORTEST_SECRET);
  return (text) => shown.reduce((rest, value) => rest.replaceAll(value, () => "***"), text);
}
