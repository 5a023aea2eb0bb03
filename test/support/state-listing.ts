/** A script that tells everything of a state's files, to be run in a shell of it and in an image of it. */

/** What engines put into a container themselves, what these tests mount, and what an image has of bktui. */
const ELSEWHERE = ["proc", "sys", "dev", "behind", "mnt", ".bktui", ".dockerenv"]
  .concat("etc/hosts", "etc/resolv.conf", "etc/hostname", "etc/mtab")
  .map((path) => `-path ./${path}`)
  .join(" -o ");
const FIND = `find . \\( ${ELSEWHERE} \\) -prune -o`;

/** Kind, mode, owner, time and name of everything; size, names and content of what is no directory. */
export const STATE_LISTING: string = [
  "{ cd /",
  `${FIND} -type d ! -path . ! -path ./etc -exec stat -c '%f %u:%g %Y %n' {} + | sort`,
  `${FIND} ! -type d -exec stat -c '%f %u:%g %s %h %t,%T %Y %N' {} + | sort`,
  `${FIND} -type f -exec sha256sum {} + | sort`,
  // No text has this byte, which is in a name.
  "} | tr '\\377' Y",
].join("; ");
