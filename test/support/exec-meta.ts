/** A step's process in tests: nothing about it is special but what is given. */
import type { ExecMeta } from "../../src/graph/graph.ts";

export function execMeta(special: Partial<ExecMeta> = {}): ExecMeta {
  return {
    args: [],
    env: [],
    cwd: "/",
    user: "",
    hostname: "",
    extraHosts: [],
    proxyEnv: [],
    ulimits: [],
    network: "unset",
    security: "sandbox",
    secretEnv: [],
    ...special,
  };
}
