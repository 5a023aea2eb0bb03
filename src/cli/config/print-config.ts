/** The answer of `bktui config`. Pure. */
import type { TakenValue } from "../../engine/build-request.ts";
import type { LoadedConfig } from "./load-config.ts";

/**
 * Every effective setting with its origin, the files, and what is wrong in them.
 * @param taken what docker's client would take from its surroundings too, masked
 */
export function configText(
  { origins, files, problems }: LoadedConfig,
  taken: readonly TakenValue[] = [],
): string {
  const all = [...origins, ...taken.map(({ name, value, from }) => ({ key: name, value, from }))];
  const width = Math.max(...all.map((origin) => written(origin).length));
  return [
    ...all.map((origin) => `${written(origin).padEnd(width)}  ${origin.from}`),
    "",
    ...files.map(({ path, found }) => `${found ? "read" : "not there"}  ${path}`),
    ...(problems.length === 0 ? [] : ["", ...problems]),
  ].join("\n");
}

function written({ key, value }: LoadedConfig["origins"][number]): string {
  return `${key} = ${value === undefined ? "(not set)" : JSON.stringify(value)}`;
}
