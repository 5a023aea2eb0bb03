/** What an exec op runs, on what, in words. */
import { pb } from "#proto";
import { quote } from "../base/quote.ts";
import { byteSize } from "../base/words.ts";
import type { OpLine, OpWords } from "../graph/graph.ts";
import { bigintOf, inputIndex, outputIndex } from "./scalars.ts";

/** Words of one kind of op. */
export type KindWords = Pick<OpWords, "verb" | "object" | "lines">;

export function execWords(exec: pb.ExecOp.$Shape, inputCount: number): KindWords {
  const meta = exec.meta ?? {};
  const args = meta.args ?? [];
  return {
    verb: "exec",
    object: commandOf(args) || "nothing",
    lines: [
      ...(exec.mounts ?? []).filter(({ dest }) => dest === "/").map((mount) => rootLine(mount, inputCount)),
      ...runLines(args),
      ...(meta.cwd && meta.cwd !== "/" ? [{ label: "dir", text: meta.cwd }] : []),
      ...(meta.user ? [{ label: "user", text: meta.user }] : []),
      ...(meta.env ?? []).map((text) => ({ label: "env", text })),
      ...(exec.secretenv ?? []).map(({ ID, name, optional }) => ({
        label: "env",
        text: `${name ?? ""} = secret ${ID ?? ""}${optional ? ", optional" : ""}`,
      })),
      ...(exec.mounts ?? []).filter(({ dest }) => dest !== "/").map((mount) => mountLine(mount, inputCount)),
      ...surroundings(exec, meta),
    ],
  };
}

/** `/bin/sh -c TEXT` is TEXT to a reader. */
export function commandOf(args: readonly string[]): string {
  const [program = "", flag = "", text] = args;
  const isShell = args.length === 3 && /^-\w*c$/.test(flag) && /(^|\/)(\w*sh|busybox)$/.test(program);
  return isShell ? (text ?? "") : args.map(quote).join(" ");
}

/** Of a script each line has a row. */
function runLines(args: readonly string[]): readonly OpLine[] {
  const script = args.at(-1) ?? "";
  if (args.length === 0) return [];
  if (!script.includes("\n")) return [{ label: "run", text: args.map(quote).join(" ") }];
  return [
    { label: "run", text: args.slice(0, -1).map(quote).join(" ") },
    ...script
      .replace(/\n$/, "")
      .split("\n")
      .map((line) => ({ label: "  |", text: line })),
  ];
}

function rootLine(mount: pb.Mount.$Shape, inputCount: number): OpLine {
  const kind = mount.mountType ?? pb.MountType.BIND;
  if (kind !== pb.MountType.BIND && kind !== pb.MountType.CACHE)
    return { label: "on", text: mountWords(mount, inputCount).text };
  const options = optionsOf(mount);
  return {
    label: "on",
    text: kind === pb.MountType.CACHE ? `${cacheWords(mount)}, from ` : "",
    input: inputIndex(mount.input, inputCount) ?? "scratch",
    rest: options.map((option) => `, ${option}`).join(""),
  };
}

function mountLine(mount: pb.Mount.$Shape, inputCount: number): OpLine {
  const { text, input, rest } = mountWords(mount, inputCount);
  return { label: "mount", text: `${mount.dest ?? ""} ${text}`, input, rest };
}

function mountWords(
  mount: pb.Mount.$Shape,
  inputCount: number,
): { readonly text: string; readonly input?: OpLine["input"]; readonly rest: string } {
  const rest = optionsOf(mount)
    .map((option) => `, ${option}`)
    .join("");
  switch (mount.mountType) {
    case pb.MountType.SECRET:
      return { text: `secret ${ownerWords(mount.secretOpt)}`, rest: "" };
    case pb.MountType.SSH:
      return { text: `ssh ${ownerWords(mount.SSHOpt)}`, rest: "" };
    case pb.MountType.TMPFS: {
      const size = bigintOf(mount.TmpfsOpt?.size);
      return { text: `tmpfs${size === 0n ? "" : ` of ${byteSize(Number(size))}`}`, rest: "" };
    }
    case pb.MountType.CACHE: {
      const input = inputIndex(mount.input, inputCount);
      return input === undefined
        ? { text: `${cacheWords(mount)}${rest}`, rest: "" }
        : { text: `${cacheWords(mount)}, from `, input, rest };
    }
    case pb.MountType.BIND:
    case null:
    case undefined:
      return { text: "from ", input: inputIndex(mount.input, inputCount) ?? "scratch", rest };
    default:
      return {
        text: `of the unknown type ${String(mount.mountType)}, from `,
        input: inputIndex(mount.input, inputCount) ?? "scratch",
        rest,
      };
  }
}

function cacheWords({ cacheOpt }: pb.Mount.$Shape): string {
  const sharing = pb.CacheSharingOpt[cacheOpt?.sharing ?? 0]?.toLowerCase() ?? "shared";
  return `cache ${cacheOpt?.ID ?? ""}${sharing === "shared" ? "" : `, ${sharing}`}`;
}

function ownerWords(opt: pb.SecretOpt.$Shape | null | undefined): string {
  const { ID, uid, gid, mode, optional } = opt ?? {};
  const owner = uid || gid ? `, owner ${uid ?? 0}:${gid ?? 0}` : "";
  return `${ID || "default"}${mode ? `, mode ${octal(mode)}` : ""}${owner}${optional ? ", optional" : ""}`;
}

function optionsOf(mount: pb.Mount.$Shape): readonly string[] {
  const output = outputIndex(mount.output);
  const isBind = (mount.mountType ?? pb.MountType.BIND) === pb.MountType.BIND;
  const isUsual = output === undefined ? mount.readonly === true : output === 0 && mount.dest === "/";
  const kept = output === undefined ? "not kept" : `output ${output}`;
  return [
    ...(mount.selector && mount.selector !== "/" ? [`path ${mount.selector}`] : []),
    ...(mount.readonly ? ["read-only"] : []),
    ...(isBind && !isUsual ? [kept] : []),
    ...(mount.contentCache
      ? [`content cache ${pb.MountContentCache[mount.contentCache]?.toLowerCase()}`]
      : []),
  ];
}

/** As chmod takes it. */
export function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

function surroundings(exec: pb.ExecOp.$Shape, meta: pb.Meta.$Shape): readonly OpLine[] {
  const network = exec.network ? pb.NetMode[exec.network]?.toLowerCase() : undefined;
  const codes = meta.validExitCodes ?? [];
  const proxies = Object.entries(meta.proxyEnv ?? {}).flatMap(([name, value]) =>
    // Its address may have a password.
    typeof value === "string" && value !== "" ? [name] : [],
  );
  return [
    ...(network === undefined ? [] : [{ label: "network", text: network }]),
    ...(exec.security ? [{ label: "security", text: "insecure" }] : []),
    ...(meta.hostname ? [{ label: "hostname", text: meta.hostname }] : []),
    ...(meta.extraHosts ?? []).map(({ Host, IP }) => ({ label: "host", text: `${Host ?? ""} ${IP ?? ""}` })),
    ...(proxies.length === 0 ? [] : [{ label: "proxy", text: proxies.join(", ") }]),
    ...(meta.ulimit ?? []).map(({ Name, Soft, Hard }) => ({
      label: "ulimit",
      text: `${Name ?? ""} ${bigintOf(Soft)}:${bigintOf(Hard)}`,
    })),
    ...(meta.cgroupParent ? [{ label: "cgroup", text: meta.cgroupParent }] : []),
    ...(exec.cdiDevices ?? []).map(({ name, optional }) => ({
      label: "device",
      text: `${name ?? ""}${optional ? ", optional" : ""}`,
    })),
    ...(codes.length === 0 ? [] : [{ label: "accepts", text: `exit ${codes.join(", ")}` }]),
  ];
}
