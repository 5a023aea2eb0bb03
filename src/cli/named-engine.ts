/** Which engine a command line names, with its options of TLS. */
import type { Surroundings } from "../console/build-options.ts";
import type { DoctorOptions } from "./commands.ts";
import type { DebugOptions } from "./debug-options.ts";
import type { NamedEngine } from "./front-ends.ts";
import { tlsFilesOf } from "./tls-options.ts";

/** Whose engine the options of TLS can be for: that of an address, not one of docker's or buildx's. */
export function around(
  { addr, builder }: Pick<NamedEngine, "addr" | "builder">,
  { cwd, env }: Surroundings,
): Parameters<typeof tlsFilesOf>[1] {
  const isBuilder = (builder ?? env["BUILDX_BUILDER"] ?? "") !== "";
  return { cwd, named: (addr ?? (isBuilder ? "" : env["BUILDKIT_HOST"]) ?? "") !== "" };
}

/** What a line says of the engine, with the files of its TLS. */
export async function namedEngine(
  options: DoctorOptions | Pick<DebugOptions, "addr" | "builder" | "typedTls">,
  line: Surroundings,
): Promise<NamedEngine> {
  const { addr, builder } = options;
  const typed = "typedTls" in options ? options.typedTls : options;
  return { addr, builder, tls: await tlsFilesOf(typed, around(options, line)) };
}
