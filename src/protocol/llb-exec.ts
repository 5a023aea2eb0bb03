/** An exec op of the wire as the graph has it. */
import { pb } from "#proto";
import type { ExecMeta, Mount, MountKind, NetworkMode, SecurityMode, Vertex } from "../graph/graph.ts";
import { bigintOf, inputIndex, outputIndex } from "./scalars.ts";

/** What an exec op runs, on which mounts. */
export function execOf(exec: pb.ExecOp.$Shape, inputCount: number): NonNullable<Vertex["exec"]> {
  return { meta: metaOf(exec), mounts: (exec.mounts ?? []).map((mount) => mountOf(mount, inputCount)) };
}

function metaOf(exec: pb.ExecOp.$Shape): ExecMeta {
  const meta = exec.meta ?? {};
  return {
    args: meta.args ?? [],
    env: meta.env ?? [],
    cwd: meta.cwd ?? "",
    user: meta.user ?? "",
    hostname: meta.hostname ?? "",
    extraHosts: (meta.extraHosts ?? []).map(({ Host, IP }) => ({ host: Host ?? "", ip: IP ?? "" })),
    proxyEnv: proxyEnvOf(meta.proxyEnv ?? {}),
    ulimits: (meta.ulimit ?? []).map(({ Name, Soft, Hard }) => ({
      name: Name ?? "",
      // "Unlimited" may be the greatest 64-bit number: that it is huge is all that matters.
      soft: Number(bigintOf(Soft)),
      hard: Number(bigintOf(Hard)),
    })),
    network: networkOf(exec.network),
    security: securityOf(exec.security),
    secretEnv: (exec.secretenv ?? []).map(({ ID, name, optional }) => ({
      id: ID ?? "",
      name: name ?? "",
      optional: optional ?? false,
    })),
  };
}

/** BuildKit gives each variable to the process in upper and in lower case. */
function proxyEnvOf(proxy: pb.ProxyEnv.$Shape): string[] {
  const variables = [
    ["HTTP_PROXY", proxy.httpProxy],
    ["HTTPS_PROXY", proxy.httpsProxy],
    ["FTP_PROXY", proxy.ftpProxy],
    ["NO_PROXY", proxy.noProxy],
    ["ALL_PROXY", proxy.allProxy],
  ] as const;
  return variables.flatMap(([name, value]) =>
    value ? [`${name}=${value}`, `${name.toLowerCase()}=${value}`] : [],
  );
}

/** Kind decides before numbers: BuildKit 0.8 writes input and output 0 where an ssh mount has none. */
function mountOf(mount: pb.Mount.$Shape, inputCount: number): Mount {
  const kind = mountKindOf(mount.mountType);
  const isBind = kind === "bind";
  return {
    input: isBind || kind === "cache" ? inputIndex(mount.input, inputCount) : undefined,
    selector: mount.selector ?? "",
    dest: mount.dest ?? "",
    output: isBind ? outputIndex(mount.output) : undefined,
    readonly: mount.readonly ?? false,
    kind,
    cache: kind === "cache" ? cacheOf(mount.cacheOpt) : undefined,
    secret: secretOf(kind === "ssh" ? mount.SSHOpt : mount.secretOpt),
    tmpfsSize: Number(bigintOf(mount.TmpfsOpt?.size)),
  };
}

function cacheOf(cache: pb.CacheOpt.$Shape | null | undefined): NonNullable<Mount["cache"]> {
  return { id: cache?.ID ?? "", sharing: sharingOf(cache?.sharing) };
}

function secretOf(secret: pb.SecretOpt.$Shape | pb.SSHOpt.$Shape | null | undefined): Mount["secret"] {
  if (secret === null || secret === undefined) return undefined;
  return {
    id: secret.ID ?? "",
    uid: secret.uid ?? 0,
    gid: secret.gid ?? 0,
    mode: secret.mode ?? 0,
    optional: secret.optional ?? false,
  };
}

function mountKindOf(type: pb.MountType | null | undefined): MountKind {
  switch (type) {
    case pb.MountType.SECRET:
      return "secret";
    case pb.MountType.SSH:
      return "ssh";
    case pb.MountType.CACHE:
      return "cache";
    case pb.MountType.TMPFS:
      return "tmpfs";
    default:
      return "bind";
  }
}

function sharingOf(sharing: pb.CacheSharingOpt | null | undefined): NonNullable<Mount["cache"]>["sharing"] {
  switch (sharing) {
    case pb.CacheSharingOpt.PRIVATE:
      return "private";
    case pb.CacheSharingOpt.LOCKED:
      return "locked";
    default:
      return "shared";
  }
}

function networkOf(mode: pb.NetMode | null | undefined): NetworkMode {
  switch (mode) {
    case pb.NetMode.HOST:
      return "host";
    case pb.NetMode.NONE:
      return "none";
    default:
      return "unset";
  }
}

function securityOf(mode: pb.SecurityMode | null | undefined): SecurityMode {
  return mode === pb.SecurityMode.INSECURE ? "insecure" : "sandbox";
}
