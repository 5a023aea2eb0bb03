/** The script that writes the files of a state to its output as a tar, and then how that went. Pure. */

/** The last words of the script, behind the tar. */
export interface CaptureEnd {
  /** "gnu" keeps extended attributes and holes; others do not. */
  readonly program: "gnu" | "other";
  readonly exitCode: number;
  /** What the program said; untrusted text. */
  readonly said: string;
}

/** What of a directory is read. Paths are relative to it and begin with "./", but for "." itself. */
export type CapturedPart =
  | { readonly kind: "all" }
  /** All but these; `around`: the directories that they lie in, up to the top, whose own entries are left out as well. */
  | { readonly kind: "all-but"; readonly paths: readonly string[]; readonly around: readonly string[] }
  /** What is there of these, whole. */
  | { readonly kind: "at"; readonly paths: readonly string[] }
  /** These directories without what is in them. */
  | { readonly kind: "directories"; readonly paths: readonly string[] };

/** Arguments of the script, behind its mark and the directory. */
export function partArguments(part: CapturedPart): readonly string[] {
  switch (part.kind) {
    case "all":
      return ["all"];
    case "all-but":
      return ["all-but", String(part.around.length), ...part.around, ...part.paths];
    case "at":
      return ["at", ...part.paths];
    case "directories":
      return ["directories", ...part.paths];
  }
}

/**
 * Runs with `sh -c SCRIPT sh MARK ROOT PART…`. Always ends with 0: another end would take the container with it (BuildKit 0.8 to
 * 0.32). A busybox may prefer its own tar to one in the PATH, so that is looked for. Writes no file, and needs no program but tar; not every busybox can leave paths out (Debian's 1.35), so it is told what to
 * take, and a directory's own entry comes by itself.
 */
export const CAPTURE_SCRIPT = `
mark=$1
cd "$2" || exit 0
part=$3
shift 3
program=other
tar=tar
gnu=$(
  IFS=:
  for place in $PATH; do
    [ -x "$place/tar" ] || continue
    case "$("$place/tar" --xattrs --version 2>/dev/null)" in *"GNU tar"*) printf %s "$place/tar"; break ;; esac
  done
)
if [ -n "$gnu" ]; then program=gnu tar=$gnu; fi
there() { [ -e "$1" ] || [ -L "$1" ]; }
case "$part" in
  all) set -- . ;;
  at)
    count=$#
    for path; do if there "$path"; then set -- "$@" "$path"; fi; done
    shift "$count" ;;
  directories) set -- --no-recursion "$@" ;;
  all-but)
    around=$1
    shift
    count=$#
    at=0
    for path; do
      [ "$at" -lt "$around" ] || break
      at=$((at + 1))
      set -- "$@" "$path"/* "$path"/.[!.]* "$path"/..?*
    done
    all=$#
    at=$count
    while [ "$at" -lt "$all" ]; do
      at=$((at + 1))
      eval "path=\\\${$at}"
      there "$path" || continue
      seen=0
      for other; do
        [ "$seen" -lt "$count" ] || break
        if [ "$path" = "$other" ]; then seen=-1; break; fi
        seen=$((seen + 1))
      done
      [ "$seen" -lt 0 ] || set -- "$@" "$path"
    done
    shift "$all" ;;
esac
if [ $# -gt 0 ] && [ "$program" = gnu ]; then
  set -- --format=posix --pax-option=delete=atime,delete=ctime --numeric-owner --sparse \
    --xattrs "--xattrs-include=*" --xattrs-exclude=security.selinux "$@"
fi
exec 3>&1
said=
code=0
if [ $# -gt 0 ]; then
  said=$("$tar" -cf - "$@" 2>&1 >&3)
  code=$?
fi
printf '\n%s %s %s %s' "$mark" "$program" "$code" "$said"
exit 0`;

/** Lines that the image's variables must not make others of. */
export const CAPTURE_ENV: readonly string[] = ["LC_ALL=C", "TZ=UTC0", "TAR_OPTIONS=", "POSIXLY_CORRECT="];

/** Lists where something is mounted, without any program of the image. */
export const MOUNTS_SCRIPT = `while IFS= read -r line; do printf '%s\\n' "$line"; done < /proc/self/mountinfo; exit 0`;

/** Paths below `root` at which something is mounted, as "./PATH", outermost ones only; from /proc/self/mountinfo. */
export function mountedBelow(root: string, mountinfo: string): readonly string[] {
  const prefix = root === "/" ? "/" : `${root}/`;
  const points = mountinfo
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .map((point) =>
      point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    )
    .filter((point) => point.startsWith(prefix) && point.length > prefix.length)
    .map((point) => `./${point.slice(prefix.length)}`);
  const all = [...new Set(points)].sort();
  return all.filter((point) => !all.some((other) => point.startsWith(`${other}/`)));
}

/** The directories in which paths lie, up to "." itself. */
export function directoriesAround(paths: readonly string[]): readonly string[] {
  const found = new Set(["."]);
  for (const path of paths) {
    const names = path.split("/").slice(0, -1);
    for (let length = 2; length <= names.length; length += 1) found.add(names.slice(0, length).join("/"));
  }
  return [...found].sort();
}
