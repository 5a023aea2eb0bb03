/** Domain scalars of an exec op -> the wire's. */
import { pb } from "#proto";
import type { ExecMeta, Mount, MountKind, NetworkMode, SecurityMode } from "../../graph/graph.ts";

const MOUNT_TYPE: Record<MountKind, pb.MountType> = {
  bind: pb.MountType.BIND,
  secret: pb.MountType.SECRET,
  ssh: pb.MountType.SSH,
  cache: pb.MountType.CACHE,
  tmpfs: pb.MountType.TMPFS,
};
const SHARING = {
  shared: pb.CacheSharingOpt.SHARED,
  private: pb.CacheSharingOpt.PRIVATE,
  locked: pb.CacheSharingOpt.LOCKED,
} as const;
const NETWORK: Record<NetworkMode, pb.NetMode> = {
  unset: pb.NetMode.UNSET,
  host: pb.NetMode.HOST,
  none: pb.NetMode.NONE,
};
const SECURITY: Record<SecurityMode, pb.SecurityMode> = {
  sandbox: pb.SecurityMode.SANDBOX,
  insecure: pb.SecurityMode.INSECURE,
};

export const wireNetwork = (mode: NetworkMode): pb.NetMode => NETWORK[mode];
export const wireSecurity = (mode: SecurityMode): pb.SecurityMode => SECURITY[mode];

export function wireMeta(meta: ExecMeta): pb.Meta.$Properties {
  return { args: [...meta.args], env: [...meta.env], cwd: meta.cwd || "/", user: meta.user };
}

/** A step's mount for a container: same place and options, content by id. */
export function wireMount(mount: Mount, resultId: string): pb.Mount.$Properties {
  const secret =
    mount.secret === undefined
      ? undefined
      : {
          ID: mount.secret.id,
          uid: mount.secret.uid,
          gid: mount.secret.gid,
          mode: mount.secret.mode,
          optional: mount.secret.optional,
        };
  return {
    dest: mount.dest,
    selector: mount.selector,
    readonly: mount.readonly,
    mountType: MOUNT_TYPE[mount.kind],
    resultID: resultId,
    ...(mount.cache === undefined
      ? {}
      : { cacheOpt: { ID: mount.cache.id, sharing: SHARING[mount.cache.sharing] } }),
    ...(mount.kind === "tmpfs" ? { TmpfsOpt: { size: mount.tmpfsSize } } : {}),
    ...(mount.kind === "secret" && secret !== undefined ? { secretOpt: secret } : {}),
    ...(mount.kind === "ssh" && secret !== undefined ? { SSHOpt: secret } : {}),
  };
}
