/** The answer of `bktui config`. Pure. */
import type { LoadedConfig } from "./load-config.ts";

/** Every effective setting with its origin, the files, and what is wrong in them. */
export function configText({ origins, files, problems }: LoadedConfig): string {
  const width = Math.max(...origins.map((origin) => written(origin).length));
  return [
    ...origins.map((origin) => `${written(origin).padEnd(width)}  ${origin.from}`),
    "",
    ...files.map(({ path, found }) => `${found ? "read" : "not there"}  ${path}`),
    ...(problems.length === 0 ? [] : ["", ...problems]),
  ].join("\n");
}

function written({ key, value }: LoadedConfig["origins"][number]): string {
  return `${key} = ${value === undefined ? "(not set)" : JSON.stringify(value)}`;
}
