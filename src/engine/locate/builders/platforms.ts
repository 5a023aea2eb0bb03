/** Which node of a builder builds for a platform, by buildx's rules. Pure. */

interface Platform {
  readonly os: string;
  readonly arch: string;
  /** "" where the architecture has none, or its usual one is meant. */
  readonly variant: string;
}

const ALIASES: Readonly<Partial<Record<string, string>>> = {
  x86_64: "amd64",
  "x86-64": "amd64",
  i386: "386",
  aarch64: "arm64",
  armhf: "arm",
};

/**
 * The first node that promises exactly this platform, as buildx takes it without asking any node.
 * @param nodes what each promises, e.g. ["linux/amd64", "linux/arm64"]
 * @returns undefined = none; then what the engines themselves say counts: `ableNode`
 */
export function promisedNode(platform: string, nodes: readonly (readonly string[])[]): number | undefined {
  const wanted = textOf(parse(platform));
  return indexOf(
    nodes.map((platforms) => platforms.map((each) => (textOf(parse(each)) === wanted ? 0 : -1))),
  );
}

/** The node whose platform comes nearest to this one, older variants of it included; undefined = none can run it. */
export function ableNode(platform: string, nodes: readonly (readonly string[])[]): number | undefined {
  const wanted = textOf(parse(platform));
  return indexOf(
    nodes.map((platforms) => platforms.map((each) => runnable(parse(each)).map(textOf).indexOf(wanted))),
  );
}

/** @param ranks of each node's platforms: 0 is the best, -1 none */
function indexOf(ranks: readonly (readonly number[])[]): number | undefined {
  let best: { readonly node: number; readonly rank: number } | undefined;
  for (const [node, own] of ranks.entries())
    for (const rank of own) if (rank >= 0 && (best === undefined || rank < best.rank)) best = { node, rank };
  return best?.node;
}

/** As containerd's platforms package normalises it: the usual variant of arm64 and amd64 is none, that of arm is v7. */
function parse(text: string): Platform {
  const [first = "", second, third = ""] = text.toLowerCase().split("/");
  // One word is an architecture, but where it is the name of a system.
  const [os, written] = second === undefined ? ["linux", first] : [first, second];
  const arch = ALIASES[written] ?? (written === "armel" ? "arm" : written);
  return { os, arch, variant: variantOf(arch, written === "armel" ? "v6" : third) };
}

function variantOf(arch: string, variant: string): string {
  const numbered = /^\d+$/.test(variant) ? `v${variant}` : variant;
  if (arch === "arm") return numbered === "" ? "v7" : numbered;
  if (arch === "arm64" && numbered === "v8") return "";
  return arch === "amd64" && numbered === "v1" ? "" : numbered;
}

/** What a machine of this platform runs, the best first. */
function runnable(platform: Platform): readonly Platform[] {
  const { os, arch, variant } = platform;
  const older = (name: string, from: number, to: number): readonly Platform[] =>
    Array.from({ length: Math.max(0, from - to + 1) }, (_, index) => ({
      os,
      arch: name,
      variant: `v${from - index}`,
    }));
  switch (arch) {
    case "arm":
      return [platform, ...older("arm", Number(variant.slice(1)) - 1, 5)];
    case "arm64":
      return [platform, ...(variant === "" ? [] : [{ os, arch, variant: "" }]), ...older("arm", 8, 5)];
    case "amd64": {
      const levels = variant === "" ? [] : older("amd64", Number(variant.slice(1)) - 1, 2);
      const plain = variant === "" ? [] : [{ os, arch, variant: "" }];
      return [platform, ...levels, ...plain, { os, arch: "386", variant: "" }];
    }
    default:
      return [platform];
  }
}

function textOf({ os, arch, variant }: Platform): string {
  return variant === "" ? `${os}/${arch}` : `${os}/${arch}/${variant}`;
}
