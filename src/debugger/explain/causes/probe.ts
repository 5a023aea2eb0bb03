/** The small program that looks at paths in a step's container, and what it prints. Nothing here waits for anything. */
import type { EntrySeen, MountSeen, PathSeen, Seen, Space } from "../../questions/seen.ts";

/** Of a file as much as programs are told by: an ELF header with its interpreter, a script's first line. */
const HEAD_BYTES = 4096;

/**
 * `$1` begins each record and cannot be forged; paths follow. It changes nothing, needs `stat` and takes what else there is:
 * `head`, `df`, `id`. Of an image's `stat` both kinds, of GNU and of busybox, know these letters. Paths and their parts
 * are told by number: some shells' `echo` changes backslashes, and it may be given what is no UTF-8.
 */
export const PROBE = `
exec 2>/dev/null
m=$1; shift
echo "$m user $(id -u) $(id -g)"
echo "$m machine $(uname -m)"
echo "$m boot $(cat /proc/sys/kernel/random/boot_id)"
echo "$m kernel"; cat /proc/vmstat
echo "$m memory"; cat /sys/fs/cgroup/memory/memory.stat /sys/fs/cgroup/memory.max /proc/meminfo
echo "$m mounts"; cat /proc/self/mounts
n=0
for p; do
  echo "$m path $n"
  n=$((n + 1))
  at=/; deep=0; last=; rest=\${p#/}
  while :; do
    may=
    [ -r "$at" ] && may=r
    [ -w "$at" ] && may=\${may}w
    [ -x "$at" ] && may=\${may}x
    if says=$(stat -L -c '%f %u %g' "$at"); then last=$at
    elif [ -h "$at" ]; then may=rwx; says=$(stat -c '%f %u %g' "$at") || break
    else break
    fi
    echo "$m entry $says -$may $deep"
    [ -n "$rest" ] || break
    case $rest in */*) name=\${rest%%/*}; rest=\${rest#*/} ;; *) name=$rest; rest= ;; esac
    at=\${at%/}/$name
    deep=$((deep + 1))
  done
  if [ "$last" = "$p" ] && [ -f "$p" ]; then echo "$m head"; head -c ${HEAD_BYTES} "$p"; echo; fi
  echo "$m bytes"; df -P -k "$last"
  echo "$m inodes"; df -P -i "$last"
done
echo "$m end"
exit 0`;

/**
 * Undefined when the program did not come to its end.
 * @param asked the paths that were given to it
 */
export function parseProbe(output: string, mark: string, asked: readonly string[]): Seen | undefined {
  const records = output.split(`${mark} `).slice(1);
  if (records.at(-1)?.trimEnd() !== "end") return undefined;
  const bodyOf = (name: string): string | undefined =>
    records.find((record) => record.startsWith(`${name}\n`))?.slice(name.length + 1);
  const wordsOf = (name: string): readonly string[] =>
    records
      .find((record) => record.startsWith(`${name} `))
      ?.trim()
      .split(" ")
      .slice(1) ?? [];
  const [uid, gid] = wordsOf("user").map(Number);
  if (uid === undefined || gid === undefined) return undefined;
  const kills = /^oom_kill (\d+)$/m.exec(bodyOf("kernel") ?? "")?.[1];
  return {
    uid,
    gid,
    machine: wordsOf("machine")[0] ?? "",
    boot: wordsOf("boot")[0] ?? "",
    countedSince: "start",
    memoryKills: kills === undefined ? undefined : Number(kills),
    ...memoryIn(bodyOf("memory") ?? ""),
    mounts: (bodyOf("mounts") ?? "").split("\n").flatMap(mountIn),
    paths: pathsIn(records, asked),
    isFull: false,
  };
}

/** Reads /proc/meminfo (kB) and memory files of cgroups (bytes; a v1 hierarchy without limit says 2^63). */
function memoryIn(text: string): Pick<Seen, "memoryLimit" | "machineMemory"> {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/m.exec(text)?.[1];
  const machineMemory = kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  const bytes = /^hierarchical_memory_limit (\d+)$/m.exec(text)?.[1] ?? /^(\d+)$/m.exec(text)?.[1];
  const limit = bytes === undefined ? undefined : Number(bytes);
  const counts = limit !== undefined && (machineMemory === undefined || limit < machineMemory);
  return { memoryLimit: counts ? limit : undefined, machineMemory };
}

/** A line of /proc/self/mounts; blanks in a place are `\040` there. */
function mountIn(line: string): readonly MountSeen[] {
  const [, at, type, options] = line.split(" ");
  if (at === undefined || type === undefined || options === undefined) return [];
  const place = at.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
  return [{ at: place, type, options: options.split(",") }];
}

function pathsIn(records: readonly string[], asked: readonly string[]): Seen["paths"] {
  const paths = new Map<string, PathSeen>();
  let current: { path: string; entries: EntrySeen[] } | undefined;
  for (const record of records) {
    const [, kind = "", body = ""] = /^(\w+)[ \n]([\s\S]*)$/.exec(record) ?? [];
    if (kind === "path") {
      const path = asked[Number(body)];
      current = path === undefined ? undefined : { path, entries: [] };
      if (current === undefined) continue;
      paths.set(current.path, {
        entries: current.entries,
        head: undefined,
        bytes: undefined,
        inodes: undefined,
      });
      continue;
    }
    const known = current === undefined ? undefined : paths.get(current.path);
    if (current === undefined || known === undefined) continue;
    if (kind === "entry") current.entries.push(...entryIn(body, current.path));
    else if (kind === "head") paths.set(current.path, { ...known, head: body.slice(0, -1) });
    else if (kind === "bytes") paths.set(current.path, { ...known, bytes: spaceIn(body, 1024) });
    else if (kind === "inodes") paths.set(current.path, { ...known, inodes: spaceIn(body, 1) });
  }
  return paths;
}

const KINDS: ReadonlyMap<number, EntrySeen["kind"]> = new Map([
  [0o04, "directory"],
  [0o10, "file"],
  // Others are followed.
  [0o12, "link"],
]);

/** `41ed 0 0 -rwx 1`: the mode in hexadecimal; last how many names of the path lead to it. */
function entryIn(line: string, path: string): readonly EntrySeen[] {
  const found = /^([0-9a-f]+) (\d+) (\d+) -([rwx]*) (\d+)\n$/.exec(line);
  if (found === null) return [];
  const [, bits = "", uid = "", gid = "", may = "", deep = ""] = found;
  const mode = Number.parseInt(bits, 16);
  return [
    {
      path: `/${path
        .split("/")
        .slice(1, Number(deep) + 1)
        .join("/")}`,
      kind: KINDS.get(mode >> 12) ?? "other",
      mode: mode & 0o7777,
      uid: Number(uid),
      gid: Number(gid),
      may,
    },
  ];
}

/** The last row of `df -P`: device, total, used, available, share, place. A file system without a count has 0 or "-". */
function spaceIn(text: string, unit: number): Space | undefined {
  const row = /\s(\d+)\s+(\d+)\s+(\d+)\s+\S+\s+\/.*$/.exec(text.trim());
  const total = Number(row?.[1] ?? 0) * unit;
  return total === 0 ? undefined : { total, free: Number(row?.[3]) * unit };
}
