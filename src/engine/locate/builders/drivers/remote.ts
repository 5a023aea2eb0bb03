/** buildx's driver remote: a buildkitd that somebody else runs, by its address. */
import { isAbsolute } from "node:path";
import { BktuiError } from "../../../../base/errors.ts";
import { nearest } from "../../../../base/near.ts";
import { parseAddress, type TlsFiles } from "../../../../transport/address.ts";
import type { BuilderNode } from "../store.ts";
import type { Driver } from "./driver.ts";

const TLS_OPTIONS: readonly string[] = ["cacert", "cert", "key", "servername"];
const OPTIONS: readonly string[] = [...TLS_OPTIONS, "default-load"];

export const remote: Driver = async (_builder, node, { env }) =>
  parseAddress(node.endpoint, "buildkitd", { tls: tlsOf(node), env });

/** Refused where buildx 0.37 refuses it: unknown options, relative paths, half a pair. */
function tlsOf({ options }: BuilderNode): TlsFiles | undefined {
  for (const name of Object.keys(options)) if (!OPTIONS.includes(name)) throw unknownOption(name);
  if (!TLS_OPTIONS.some((name) => name in options)) return undefined;
  const { cacert, cert, key, servername } = options;
  for (const [name, path] of Object.entries({ cacert, cert, key }))
    if (path !== undefined && !isAbsolute(path))
      throw wrong(`its option ${name}=${path} is no absolute path`);
  const lacking = [
    ...(cacert === undefined ? ["cacert"] : []),
    ...(cert !== undefined && key === undefined ? ["key"] : []),
    ...(key !== undefined && cert === undefined ? ["cert"] : []),
  ];
  if (lacking.length > 0) throw wrong(`TLS is on, but its options lack ${lacking.join(", ")}`);
  return { ca: cacert, cert, key, serverName: servername === "" ? undefined : servername };
}

function unknownOption(name: string): BktuiError {
  const [near] = nearest(name, OPTIONS);
  const words = near === undefined ? `they are ${OPTIONS.join(", ")}` : `did you mean ${near}?`;
  return wrong(`the driver remote has no option ${name}; ${words}`);
}

function wrong(what: string): BktuiError {
  return new BktuiError("not-found", what, {
    hint: "Remove the builder and create it again with other --driver-opt; docker buildx inspect shows them.",
  });
}
