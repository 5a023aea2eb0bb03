/**
 * Why a step failed, read from what the engine and the step have written. BuildKit has no types for reasons: this is
 * the one place that knows its texts (checked on dockerd 20.10 and 28.5; test/unit/debugger/explain holds them).
 * What is not recognised stays the engine's own text.
 */
import type { SolveFailed } from "../../engine/failures.ts";
import type { Vertex } from "../../graph/graph.ts";
import { withoutCarriageReturn } from "../progress/carriage-return.ts";

export type Reason =
  | { readonly kind: "exit"; readonly code: number }
  /** `program` is what could not be found; undefined when nothing says it. */
  | {
      readonly kind: "program-missing";
      readonly program: string | undefined;
      readonly code: number;
      /** It was the container runtime that did not find it: no shell had begun. */
      readonly byRuntime?: true;
    }
  /** A program that was found, without a library it was made with. */
  | { readonly kind: "library-missing"; readonly library: string; readonly code: number }
  | { readonly kind: "not-executable"; readonly program: string | undefined; readonly code: number }
  | { readonly kind: "wrong-format"; readonly program: string }
  /** `name` of the signal, e.g. "SIGKILL". */
  | { readonly kind: "signal"; readonly code: number; readonly name: string }
  | { readonly kind: "user-missing"; readonly user: string | undefined }
  /** `path` as it was searched for, from the root of wherever that was. */
  | { readonly kind: "source-missing"; readonly path: string }
  /** Something on the way to a source or a destination is of the wrong kind; `path` as the engine names it, if it does. */
  | { readonly kind: "wrong-kind"; readonly path: string; readonly text: string }
  /** One of source and place of a mount is a directory, the other is none. */
  | { readonly kind: "mount-kind"; readonly target: string }
  | { readonly kind: "pattern"; readonly pattern: string }
  /** An archive that ADD unpacks is broken. */
  | { readonly kind: "archive"; readonly text: string }
  | { readonly kind: "url"; readonly url: string; readonly problem: RemoteProblem }
  | { readonly kind: "checksum"; readonly url: string; readonly got: string; readonly wanted: string }
  | { readonly kind: "image"; readonly image: string | undefined; readonly problem: RemoteProblem }
  | { readonly kind: "secret"; readonly id: string; readonly text: string }
  | { readonly kind: "ssh"; readonly id: string }
  | { readonly kind: "entitlement"; readonly name: string; readonly refusedBy: "build" | "engine" }
  | { readonly kind: "no-space" }
  /** BuildKit 0.8 cannot run a file op again in the same build once it has been interrupted. */
  | { readonly kind: "stuck" }
  | { readonly kind: "other"; readonly text: string };

export type RemoteProblemKind = "not-found" | "unauthorized" | "limited" | "platform" | "network" | "server";

/** Why something could not be fetched. `text` is the engine's own, without its wrapping. */
export interface RemoteProblem {
  readonly kind: RemoteProblemKind;
  /** In a few words, e.g. "not found", "404", "no network". */
  readonly words: string;
  readonly text: string;
}

/**
 * @param lastLines the failed step's last lines, oldest first: shells say there what they did not find
 * @param vertex the one that failed; a download tells by it what was fetched
 */
export function reasonOf(
  failure: SolveFailed,
  lastLines: readonly string[],
  vertex: Vertex | undefined,
): Reason {
  const text = plainText(failure.message);
  const own = textReason(text, vertex);
  if (own !== undefined) return own;
  const { exitCode } = failure;
  if (exitCode === undefined) return { kind: "other", text };
  return startReason(exitCode, lastLines) ?? exitReason(exitCode, lastLines);
}

/** Not the step's fault: it had been interrupted when another one failed. */
export function isStuck({ message }: SolveFailed): boolean {
  return isStuckText(plainText(message));
}

export function isStuckText(text: string): boolean {
  return /^duplicate output \d+$/.test(text);
}

/** The engine's text without what says nothing to a person: its own wrapping, and directories of its machine. */
export function plainText(message: string): string {
  return message
    .replace(
      /^(?:rpc error: code = \w+ desc = |failed to (?:solve(?: with frontend [\w.-]+)?|load LLB|load cache key|compute cache key): )+/,
      "",
    )
    .replace(/^(?:process "[\s\S]*" did not complete successfully|executor failed running \[[\s\S]*\]): /, "")
    .replace(/\/[^\s"]*\/(?:buildkit-mount\d+|overlay2\/\w+\/(?:merged|diff)|snapshots\/\d+\/fs)(?=\/)/g, "")
    .replace(/^failed to calculate checksum of ref \S+: /, "");
}

/** Of a command that ran, as the engine's report tells it; undefined when it names none. */
export function exitCodeIn(text: string): number | undefined {
  const code = /exit code: (\d+)/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

export function remoteProblem(whole: string): RemoteProblem {
  const text = whole.replace(/^.*failed to resolve source metadata for \S+: /s, "");
  // In addresses "denied" or "404" may stand as well.
  const said = text.replace(/https?:\/\/[^\s"]+/g, "");
  const status = /\bstatus\b.*?\b([1-5]\d\d)\b/.exec(said)?.[1];
  const rules: readonly [RegExp, RemoteProblem["kind"], string][] = [
    [/no match for platform/, "platform", "not made for this platform"],
    [/network is unreachable|no route to host/, "network", "no network"],
    [/no such host|server misbehaving|Temporary failure in name resolution/, "network", "host not found"],
    [/connection refused/, "network", "connection refused"],
    [
      /i\/o timeout|TLS handshake timeout|deadline exceeded|context deadline/i,
      "network",
      "no answer in time",
    ],
    [/x509|certificate|server gave HTTP response to HTTPS/, "network", "no trusted connection"],
    [/toomanyrequests|429 Too Many/i, "limited", "too many requests, a limit of the registry"],
    [/\b40[13]\b|unauthorized|access denied|insufficient_scope|denied/i, "unauthorized", "unauthorized"],
    [/not found|manifest unknown|\b404\b/i, "not-found", "not found"],
  ];
  const rule = rules.find(([pattern]) => pattern.test(said));
  if (rule === undefined) return { kind: "server", words: status ?? text, text };
  return { kind: rule[1], words: rule[2], text };
}

function textReason(text: string, vertex: Vertex | undefined): Reason | undefined {
  const mismatch = /^digest mismatch (\S+): (\S+)/.exec(text);
  if (mismatch !== null) {
    const url = vertex?.identifier ?? "";
    return { kind: "checksum", url, got: mismatch[1] ?? "", wanted: mismatch[2] ?? "" };
  }
  const remote = remoteReason(text, vertex);
  if (remote !== undefined) return remote;
  const missing =
    /^"([^"]+)"(?: not found)?: not found$/.exec(text)?.[1] ??
    mountSourceIn(text) ??
    /failed to walk (\/[^:]*): lstat .*: no such file or directory/.exec(text)?.[1] ??
    /^(?:open|lstat) (\/[^:]*): no such file or directory$/.exec(text)?.[1];
  if (missing !== undefined) return { kind: "source-missing", path: missing };
  const wrong = archiveReason(text, vertex) ?? wrongKind(text);
  if (wrong !== undefined) return wrong;
  const user = /unable to find user (\S+?):/.exec(text)?.[1];
  if (user !== undefined) return { kind: "user-missing", user };
  if (/invalid user index: -1/.test(text)) return { kind: "user-missing", user: undefined };
  if (/no space left on device/.test(text)) return { kind: "no-space" };
  if (isStuckText(text)) return { kind: "stuck" };
  return givenReason(text);
}

/** Texts of Go's readers of archives; BuildKit 0.8 has a program of its own for it, whose words come before. */
function archiveReason(text: string, vertex: Vertex | undefined): Reason | undefined {
  if (vertex?.fileActions.some(({ copy }) => copy?.unpacks === true) !== true) return undefined;
  const own = text.replace(/^Error processing tar file\(exit status \d+\): /, "");
  const isBroken =
    own !== text || /^(?:unexpected EOF|(?:archive\/tar|gzip|flate|bzip2|zstd|xz|zlib)\b.*)$/.test(own);
  return isBroken ? { kind: "archive", text: own } : undefined;
}

/** BuildKit 0.8 to 0.32; `//` where it joins paths itself. */
function wrongKind(text: string): Reason | undefined {
  const pattern = /^syntax error in pattern "(.*)"$/.exec(text)?.[1];
  if (pattern !== undefined) return { kind: "pattern", pattern };
  const path =
    /^(?:mkdir|lstat|open|stat) (\/.*): not a directory$/.exec(text)?.[1] ??
    /^cannot copy to non-directory: (\/.*)$/.exec(text)?.[1] ??
    /^cannot replace to directory (\/.*) with file$/.exec(text)?.[1] ??
    (/^too many (?:sym)?links(?:: \/.*)?$/.test(text) ? "" : undefined);
  return path === undefined ? undefined : { kind: "wrong-kind", path: path.replace(/^\/+/, "/"), text };
}

/** What the client would have had to give or allow. */
export function givenReason(text: string): Reason | undefined {
  const secret = /(?:^|: )secret ([^\s:]+)(?: not found)?: (.+)$/.exec(text);
  if (secret !== null) return { kind: "secret", id: secret[1] ?? "", text: secret[2] ?? "" };
  const ssh = /no SSH key "([^"]*)" forwarded|unset ssh forward key (\S+)/.exec(text);
  if (ssh !== null) return { kind: "ssh", id: ssh[1] || ssh[2] || "default" };
  const refused = /granting entitlement (\S+) is not allowed/.exec(text)?.[1];
  if (refused !== undefined) return { kind: "entitlement", name: refused, refusedBy: "engine" };
  const missing = /(?:^|\s)(network\.host|security\.insecure|device\S*) is not allowed/.exec(text)?.[1];
  if (missing !== undefined) return { kind: "entitlement", name: missing, refusedBy: "build" };
  return undefined;
}

function remoteReason(text: string, vertex: Vertex | undefined): Reason | undefined {
  const identifier = vertex?.kind === "source" ? (vertex.identifier ?? "") : "";
  if (/^https?:/.test(identifier)) return { kind: "url", url: identifier, problem: urlProblem(text) };
  const image = /^docker-image:\/\/([^@]+)/.exec(identifier)?.[1];
  return image === undefined ? undefined : { kind: "image", image, problem: remoteProblem(text) };
}

export function urlProblem(text: string): RemoteProblem {
  const problem = remoteProblem(text);
  const status = /response status (\d{3})/.exec(text)?.[1];
  return status === undefined ? problem : { ...problem, words: status };
}

/** The process could not even be started: the container runtime says so as the step's output, and ends with 1. */
function startReason(code: number, lines: readonly string[]): Reason | undefined {
  const line = lines.findLast((each) =>
    /^(?:runc run failed|container_linux|exec )|exec format error/.test(each),
  );
  if (line === undefined) return undefined;
  const format = /exec:? "?([^\s":]+)"?:? exec format error/.exec(line)?.[1];
  if (format !== undefined) return { kind: "wrong-format", program: format };
  const [, mount, target] = /error mounting "([^"]+)" to rootfs at "([^"]+)"/.exec(line) ?? [];
  if (target !== undefined && line.endsWith(": not a directory")) return { kind: "mount-kind", target };
  if (mount !== undefined) return { kind: "source-missing", path: plainText(mount) };
  const absent = /exec: "([^"]+)": (?:executable file not found|stat .*no such file|no such file)/.exec(
    line,
  )?.[1];
  if (absent !== undefined) return { kind: "program-missing", program: absent, code, byRuntime: true };
  const denied = /exec: "([^"]+)": permission denied/.exec(line)?.[1];
  return denied === undefined ? undefined : { kind: "not-executable", program: denied, code };
}

/** The runtime says so too when it is the place for the mount that is wrong; then the source is there. */
function mountSourceIn(line: string): string | undefined {
  const source = /error mounting "([^"]+)" to rootfs.*: no such file or directory$/.exec(line)?.[1];
  return source === undefined ? undefined : plainText(source);
}

function exitReason(code: number, lines: readonly string[]): Reason {
  if (code === 127) return missingReason(code, lines);
  if (code === 126) return { kind: "not-executable", program: deniedProgram(lines), code };
  const name = SIGNALS.get(code);
  return name === undefined ? { kind: "exit", code } : { kind: "signal", code, name };
}

/** Exit codes of shells: 128 and the signal's number. Those that programs choose themselves are not here. */
const SIGNALS: ReadonlyMap<number, string> = new Map([
  [132, "SIGILL"],
  [134, "SIGABRT"],
  [135, "SIGBUS"],
  [136, "SIGFPE"],
  [137, "SIGKILL"],
  [139, "SIGSEGV"],
  [143, "SIGTERM"],
]);

/** The loaders of glibc and musl end with the same code as a shell that finds no program: what was said last counts. */
function missingReason(code: number, lines: readonly string[]): Reason {
  for (const line of lines.toReversed()) {
    const library = MISSING_LIBRARY.exec(line)?.[1];
    if (library !== undefined) return { kind: "library-missing", library, code };
    const program = missingProgram([line]);
    if (program !== undefined) return { kind: "program-missing", program, code };
  }
  return { kind: "program-missing", program: undefined, code };
}

/** glibc: `x: error while loading shared libraries: libz.so.1: cannot open …`; musl: `Error loading shared library libz.so.1: …`. */
const MISSING_LIBRARY =
  /(?:error while loading shared libraries: |^Error loading shared library )([^\s:]+): (?:cannot open shared object file: )?No such file or directory/;

/** busybox and dash: `sh: 1: npx: not found`; bash: `npx: command not found`; zsh; env. */
function missingProgram(lines: readonly string[]): string | undefined {
  return lastMatch(lines, [
    /command not found: (\S+)$/,
    /([^\s:]+): (?:command )?not found$/,
    /env: (?:can't execute )?['‘]?([^\s'’]+)['’]?: No such file or directory$/,
    /([^\s:]+): No such file or directory$/,
  ]);
}

function deniedProgram(lines: readonly string[]): string | undefined {
  return lastMatch(lines, [/([^\s:]+): (?:Permission denied|cannot execute.*|Is a directory)$/i]);
}

function lastMatch(lines: readonly string[], patterns: readonly RegExp[]): string | undefined {
  for (const line of lines.toReversed()) {
    for (const pattern of patterns) {
      const found = pattern.exec(withoutCarriageReturn(line.trimEnd()))?.[1];
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
