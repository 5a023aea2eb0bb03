/** Steps that an engine's machine cannot run by itself, and how emulation for them is installed. Pure. */
import type { Graph } from "./graph.ts";

export interface Emulated {
  /** E.g. "linux/arm64"; untrusted text. */
  readonly platform: string;
  /** How many commands are run for it. */
  readonly commands: number;
}

/** Processors that mostly run programs of an older one too, whether the engine lists that or not. */
const RUN_BY: ReadonlyMap<string, readonly string[]> = new Map([
  ["386", ["amd64"]],
  ["arm", ["arm64"]],
]);

/** @param architectures what the engine can run, emulated or not; empty when it does not say */
export function withoutEmulation(
  { vertices }: Pick<Graph, "vertices">,
  architectures: readonly string[],
): readonly Emulated[] {
  const commands = new Map<string, number>();
  if (architectures.length === 0) return [];
  for (const { kind, platform } of vertices.values()) {
    const architecture = architectureOf(platform);
    if (kind !== "exec" || architecture === undefined) continue;
    if ([architecture, ...(RUN_BY.get(architecture) ?? [])].some((each) => architectures.includes(each)))
      continue;
    commands.set(platform, (commands.get(platform) ?? 0) + 1);
  }
  return [...commands].map(([platform, count]) => ({ platform, commands: count }));
}

/** "arm64" of "linux/arm64/v8"; undefined where it cannot be the name of one. */
export function architectureOf(platform: string): string | undefined {
  const [, architecture] = platform.split("/");
  return architecture !== undefined && /^[a-z0-9_]{1,20}$/.test(architecture) ? architecture : undefined;
}

/** To be run on the engine's machine. */
export function installCommands(architecture: string): { readonly docker: string; readonly debian: string } {
  return {
    docker: `docker run --privileged --rm tonistiigi/binfmt --install ${architecture}`,
    debian: "apt-get install qemu-user-static binfmt-support",
  };
}
