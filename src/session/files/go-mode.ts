/** File modes as Go writes them. */
import { constants } from "node:fs";

/** The bits of Go's os.FileMode that the wire uses beside the nine permission bits. */
export const goMode = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  fifo: 2 ** 25,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  charDevice: 2 ** 21,
  sticky: 2 ** 20,
} as const;

const PERMISSION_BITS = 0o777;
const SETUID_BIT = 0o4000;
const SETGID_BIT = 0o2000;
const STICKY_BIT = 0o1000;

/** The kernel's st_mode as Go's os.FileMode. A socket loses its type, as in BuildKit's own clients: it arrives as an empty file. */
export function toGoMode(mode: number): number {
  let go = (mode & PERMISSION_BITS) + typeBits(mode & constants.S_IFMT);
  if ((mode & SETUID_BIT) !== 0) go += goMode.setuid;
  if ((mode & SETGID_BIT) !== 0) go += goMode.setgid;
  if ((mode & STICKY_BIT) !== 0) go += goMode.sticky;
  return go;
}

function typeBits(type: number): number {
  switch (type) {
    case constants.S_IFDIR:
      return goMode.directory;
    case constants.S_IFLNK:
      return goMode.symlink;
    case constants.S_IFIFO:
      return goMode.fifo;
    case constants.S_IFBLK:
      return goMode.device;
    case constants.S_IFCHR:
      return goMode.device + goMode.charDevice;
    default:
      return 0;
  }
}

/** Permissions, setuid, setgid and sticky of an os.FileMode, as chmod(2) takes them. */
export function toUnixMode(mode: number): number {
  let unix = mode & PERMISSION_BITS;
  if ((mode & goMode.setuid) !== 0) unix |= SETUID_BIT;
  if ((mode & goMode.setgid) !== 0) unix |= SETGID_BIT;
  if ((mode & goMode.sticky) !== 0) unix |= STICKY_BIT;
  return unix;
}

const notRegular = goMode.directory | goMode.symlink | goMode.device | goMode.fifo | goMode.charDevice;

/** Whether the daemon may ask for the content. Sockets are among these: they arrive as empty files. */
export function isRegularMode(mode: number): boolean {
  return (mode & notRegular) === 0;
}
