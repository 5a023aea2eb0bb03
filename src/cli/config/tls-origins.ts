/** TLS to the engine, as `bktui config` prints it. Pure. */
import type { ChosenEngine } from "../front-ends.ts";
import type { TypedTls } from "../tls-options.ts";
import type { Origin } from "./effective.ts";

/**
 * What is used of it, in rows, with who said so.
 * @param from of what no option said: a variable or a docker context
 */
export function tlsOrigins(
  tls: NonNullable<ChosenEngine["tls"]>,
  { typed, from }: { readonly typed: TypedTls; readonly from: string },
): readonly Origin[] {
  const fromDirectory = typed.tlsdir === undefined ? undefined : "--tlsdir";
  const row = (key: string, value: string | undefined, option: keyof TypedTls): Origin => {
    const said = typed[option] === undefined ? fromDirectory : `--${option}`;
    return { key: `engine.tls.${key}`, value, from: value === undefined ? "default" : (said ?? from) };
  };
  const files = [
    row("ca", tls.ca, "tlscacert"),
    row("cert", tls.cert, "tlscert"),
    row("key", tls.key, "tlskey"),
  ];
  if (tls.skipVerify === true) return [...files, { key: "engine.tls.verify", value: false, from }];
  const name = { key: "engine.tls.servername", value: tls.serverName };
  return [
    ...files,
    { ...name, from: tls.serverName === undefined ? "default: the host of the address" : "--tlsservername" },
  ];
}
