/**
 * What the container API has no fields for and a process can set again for itself, before it becomes the command:
 * limits (`--ulimit`) and, where the step may mount, sizes of memory file systems. Pure.
 */
import type { ExecMeta, Mount } from "../../graph/graph.ts";
import type { StepEnvironment } from "../engine.ts";

type Ulimit = ExecMeta["ulimits"][number];

interface Resource {
  /** First column of its row in /proc/PID/limits. */
  readonly row: string;
  /** Options of `ulimit`, by shell: bash, dash and busybox do not agree on all. */
  readonly options: readonly string[];
  /** Bytes in one unit of `ulimit`; 1 for those that are no sizes. */
  readonly unit: number;
}

/** Tried with bash 5.2, dash 0.5.12 and busybox 1.35 and 1.37; `-c` and `-f` count 512 bytes in POSIX mode. */
const RESOURCES: ReadonlyMap<string, Resource> = new Map([
  ["core", { row: "Max core file size", options: ["c"], unit: 512 }],
  ["cpu", { row: "Max cpu time", options: ["t"], unit: 1 }],
  ["data", { row: "Max data size", options: ["d"], unit: 1024 }],
  ["fsize", { row: "Max file size", options: ["f"], unit: 512 }],
  ["locks", { row: "Max file locks", options: ["x", "w"], unit: 1 }],
  ["memlock", { row: "Max locked memory", options: ["l"], unit: 1024 }],
  ["msgqueue", { row: "Max msgqueue size", options: ["q"], unit: 1 }],
  ["nice", { row: "Max nice priority", options: ["e"], unit: 1 }],
  ["nofile", { row: "Max open files", options: ["n"], unit: 1 }],
  ["nproc", { row: "Max processes", options: ["u", "p"], unit: 1 }],
  ["rss", { row: "Max resident set", options: ["m"], unit: 1024 }],
  ["rtprio", { row: "Max realtime priority", options: ["r"], unit: 1 }],
  ["rttime", { row: "Max realtime timeout", options: ["R"], unit: 1 }],
  ["sigpending", { row: "Max pending signals", options: ["i"], unit: 1 }],
  ["stack", { row: "Max stack size", options: ["s"], unit: 1024 }],
]);
/** Shells that understand the script. */
const POSIX_SHELLS = new Set(["sh", "ash", "bash", "dash", "ksh", "mksh", "zsh"]);
/** A POSIX shell exports these to what it starts. */
const SHELL_VARIABLES = ["PWD", "OLDPWD", "SHLVL"];

/** Whether a process has anything to set again. */
export function isRestorable({ meta, mounts }: StepEnvironment): boolean {
  return meta.ulimits.length > 0 || (meta.security === "insecure" && sized(mounts).length > 0);
}

/**
 * The command behind a shell that sets what it can, says nothing and becomes the command: same process, same
 * environment. A command that is a shell sets it itself; others need /bin/sh.
 */
export function restoring(
  args: readonly string[],
  environment: StepEnvironment,
  options: { readonly hasSh: boolean },
): readonly string[] {
  const shell = isRestorable(environment) ? interpreterOf(args[0] ?? "", options) : undefined;
  return shell === undefined ? args : [...shell, "-c", script(environment), "sh", ...args];
}

/** Prints what `lackingIn` reads; built-ins of sh only. */
export const REPORT: readonly string[] = [
  "/bin/sh",
  "-c",
  'for file in limits mountinfo; do while read -r row; do printf "%s\\n" "$row"; done </proc/self/$file; done',
];

/** What a report shows to be other than the step had it, in words. */
export function lackingIn(report: string, { meta, mounts }: StepEnvironment): string[] {
  const rows = report.split("\n");
  return [
    ...meta.ulimits.flatMap((limit) => limitLack(limit, rows)),
    ...sized(mounts).flatMap((mount) => (hasSize(mount, rows) ? [] : [sizeLack(mount)])),
  ];
}

/** Without a shell in the image nothing can be set. */
export function lackingWithoutSh({ meta, mounts }: StepEnvironment): string[] {
  const names = meta.ulimits.map(({ name }) => name);
  const limits =
    names.length === 0
      ? []
      : [`ulimits of the step (${names.join(", ")}) are not set: no /bin/sh here to set them with`];
  return [...limits, ...sized(mounts).map(sizeLack)];
}

/** Memory file systems whose size the step gives. */
export function sized(mounts: readonly Mount[]): readonly Mount[] {
  return mounts.filter((mount) => mount.kind === "tmpfs" && mount.tmpfsSize > 0);
}

export function sizeLack({ dest, tmpfsSize }: Mount): string {
  return `${dest} is not limited to ${kib(tmpfsSize)} KiB as in the step: the engine's container API has no size for tmpfs`;
}

function interpreterOf(
  program: string,
  { hasSh }: { readonly hasSh: boolean },
): readonly string[] | undefined {
  const name = program.slice(program.lastIndexOf("/") + 1);
  if (POSIX_SHELLS.has(name)) return [program];
  if (name === "busybox") return [program, "sh"];
  return hasSh ? ["/bin/sh"] : undefined;
}

function script({ meta, mounts }: StepEnvironment): string {
  const known = new Set(meta.env.map((entry) => entry.slice(0, entry.indexOf("="))));
  const strays = SHELL_VARIABLES.filter((name) => !known.has(name));
  const sizes = meta.security === "insecure" ? sized(mounts) : [];
  return [
    '[ -z "$BASH_VERSION" ] || set -o posix',
    ...meta.ulimits.map((limit) => `{ ${settings(limit).join(" || ")}; } 2>/dev/null`),
    ...sizes.map(
      ({ dest, tmpfsSize }) =>
        `mount -o remount,size=${kib(tmpfsSize)}k ${quoted(dest)} >/dev/null 2>/dev/null`,
    ),
    `unset ${strays.join(" ")}`,
    'exec "$@"',
  ].join("\n");
}

/** Each a command that succeeds when the limit stands: lowered soft limit first, raised hard limit first. */
function settings({ name, soft, hard }: Ulimit): readonly string[] {
  const resource = RESOURCES.get(name);
  return (resource?.options ?? []).flatMap((option) => {
    const setSoft = `ulimit -S${option} ${inUnits(soft, resource)}`;
    const setHard = `ulimit -H${option} ${inUnits(hard, resource)}`;
    return [`${setSoft} && ${setHard}`, `${setHard} && ${setSoft}`];
  });
}

function inUnits(value: number, resource: Resource | undefined): string {
  return isUnlimited(value) ? "unlimited" : String(Math.floor(value / (resource?.unit ?? 1)));
}

function limitLack({ name, soft, hard }: Ulimit, rows: readonly string[]): string[] {
  const row = rows.find((text) => text.startsWith(RESOURCES.get(name)?.row ?? "\0"));
  const [isSoft, isHard] = row === undefined ? [] : valuesOf(row);
  const [wantedSoft, wantedHard] = [soft, hard].map(inProc);
  if (isSoft === wantedSoft && isHard === wantedHard) return [];
  const is = isSoft === undefined ? "another" : `${isSoft}:${isHard}`;
  return [
    `ulimit ${name} is ${is} instead of ${wantedSoft}:${wantedHard}: the engine's container API has no ulimits, and a process in it may not raise its own`,
  ];
}

/** Columns are 26, 21 and 21 wide (Linux 5 and 6). */
function valuesOf(row: string): readonly string[] {
  return row.slice(26).trim().split(/\s+/).slice(0, 2);
}

function inProc(value: number): string {
  return isUnlimited(value) ? "unlimited" : String(value);
}

/** -1 on the wire, or RLIM_INFINITY as the greatest number. */
function isUnlimited(value: number): boolean {
  return value < 0 || value > Number.MAX_SAFE_INTEGER;
}

function hasSize({ dest, tmpfsSize }: Mount, rows: readonly string[]): boolean {
  return rows.some(
    (row) =>
      row.split(" ")[4] === dest &&
      row.includes(" - tmpfs ") &&
      new RegExp(`[ ,]size=${kib(tmpfsSize)}k(,|$)`).test(row),
  );
}

function kib(bytes: number): number {
  return Math.ceil(bytes / 1024);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
