/** `--platform`: the spellings that docker takes, and the one form that BuildKit is told. Pure. */
import { badValue } from "../bad-values.ts";

/** Those that containerd/platforms knows by their name alone (checked against 1.0, buildx 0.37). */
const SYSTEMS: ReadonlySet<string> = new Set(
  "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos".split(
    " ",
  ),
);
const ARCHITECTURES: ReadonlySet<string> = new Set(
  (
    "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le " +
    "ppc riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);
/** Node's names of architectures that Go calls otherwise. */
const GO_NAMES: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  ppc64: "ppc64le",
  mipsel: "mipsle",
};

/** What the client itself runs on, for `local` and for what a short form leaves out. */
export interface Machine {
  readonly os: string;
  readonly architecture: string;
}

export const THIS_MACHINE: Machine = {
  os: process.platform === "win32" ? "windows" : process.platform,
  architecture: GO_NAMES[process.arch] ?? process.arch,
};

/**
 * `linux`, `arm64`, `local`, `linux/arm64/v8`, several separated by commas -> `os/arch[/variant]`, each once.
 * @throws {BktuiError} "bad-request".
 */
export function parsePlatforms(
  values: readonly string[],
  machine: Machine = THIS_MACHINE,
): readonly string[] {
  return [...new Set(values.flatMap((text) => text.split(",")).map((text) => normalPlatform(text, machine)))];
}

/** As a request has them: one text, undefined for none. @throws {BktuiError} "bad-request". */
export function parsePlatform(values: readonly string[], machine?: Machine): string | undefined {
  const platforms = parsePlatforms(values, machine);
  return platforms.length === 0 ? undefined : platforms.join(",");
}

/** @throws {BktuiError} "bad-request". */
export function normalPlatform(text: string, machine: Machine = THIS_MACHINE): string {
  if (text.toLowerCase() === "local") return written(machine.os, machine.architecture, "");
  const [system = "", architecture, variant, ...more] = text.split("/");
  const parts = /^([A-Za-z0-9_.-]+)(\([^()]*\))?$/.exec(system);
  const rest = [architecture ?? "x", variant ?? "x"];
  if (parts === null || more.length > 0 || !rest.every((part) => /^[A-Za-z0-9_.-]+$/.test(part)))
    throw malformed(text);
  const os = normalSystem(parts[1] ?? "");
  const options = parts[2] ?? "";
  if (architecture !== undefined)
    return written(os + options, ...normalArchitecture(architecture, variant ?? ""));
  if (SYSTEMS.has(os)) return written(os + options, machine.architecture, "");
  const [alone, itsVariant] = normalArchitecture(system, "");
  if (ARCHITECTURES.has(alone)) return written(machine.os, alone, itsVariant);
  throw malformed(text);
}

function malformed(text: string): Error {
  return badValue(
    `--platform ${text}: not OS/ARCH[/VARIANT]`,
    "for example linux/arm64, linux/arm/v7, arm64 or local",
  );
}

function normalSystem(name: string): string {
  const os = name.toLowerCase();
  return os === "macos" ? "darwin" : os;
}

/** As containerd/platforms, whose last step buildx repeats: `arm` is v7, which is written; arm64's v8 is not. */
function normalArchitecture(name: string, given: string): readonly [string, string] {
  const architecture = name.toLowerCase();
  const variant = given.toLowerCase();
  switch (architecture) {
    case "i386":
      return ["386", ""];
    case "x86_64":
    case "x86-64":
    case "amd64":
      return ["amd64", variant === "v1" ? "" : variant];
    case "aarch64":
    case "arm64":
      if (["8", "v8", "v8.0"].includes(variant)) return ["arm64", ""];
      return ["arm64", ["9", "9.0", "v9.0"].includes(variant) ? "v9" : variant];
    case "armhf":
      return ["arm", "v7"];
    case "armel":
      return ["arm", "v6"];
    case "arm":
      if (variant === "" || variant === "7") return ["arm", "v7"];
      return ["arm", ["5", "6", "8"].includes(variant) ? `v${variant}` : variant];
    default:
      return [architecture, variant];
  }
}

function written(os: string, architecture: string, variant: string): string {
  return [os, architecture, variant].filter((part) => part !== "").join("/");
}
