/** Addresses that are reached by running a program: which program, with which arguments. */
import { BktuiError } from "../../base/errors.ts";
import type { EngineKind } from "../engine-kind.ts";

/** A program that joins its standard streams to an engine; each connection runs it once. */
export interface CommandAddress {
  readonly kind: "command";
  /** What is at its other end: asking would be another run of a program that may be slow. */
  readonly speaks: EngineKind;
  readonly program: string;
  readonly args: readonly string[];
  /** Variables that it gets besides those of bktui. */
  readonly env: Readonly<Record<string, string>>;
  /** What it reaches, for messages, e.g. "ssh://me@host". */
  readonly text: string;
}

export type DialEnvironment = Readonly<Record<string, string | undefined>>;

/** What the text of an address says, and what else decides. */
interface Spec {
  readonly text: string;
  readonly url: URL;
  readonly kind: EngineKind;
  readonly env: DialEnvironment;
}

type Dialled = Pick<CommandAddress, "program" | "args" | "speaks">;

/** How long ssh may take to connect, in seconds, as docker has it. */
const SSH_CONNECT_SECONDS = 30;
/** What runs inside the container: BuildKit 0.5 and later have it. */
const BUILDCTL_DIAL = ["buildctl", "dial-stdio"];

/** The commands that docker 28's and BuildKit 0.32's own clients run (`connhelper`). */
const DIALS = {
  ssh: (spec: Spec): Dialled => ({ program: "ssh", args: sshArgs(spec), speaks: spec.kind }),
  "docker-container": (spec: Spec): Dialled => {
    const context = parameter(spec, "context");
    const options = context === "" ? [] : [`--context=${context}`];
    return inContainer("docker", [...options, "exec", "-i", containerName(spec), ...BUILDCTL_DIAL]);
  },
  "podman-container": (spec: Spec): Dialled =>
    inContainer("podman", ["exec", "-i", containerName(spec), ...BUILDCTL_DIAL]),
  "nerdctl-container": (spec: Spec): Dialled => {
    const namespace = parameter(spec, "namespace");
    const options = namespace === "" ? [] : ["--namespace", namespace];
    return inContainer("nerdctl", ["exec", ...options, "-i", containerName(spec), ...BUILDCTL_DIAL]);
  },
  "kube-pod": (spec: Spec): Dialled => {
    const named = (name: string): string => kubeName(spec, name, parameter(spec, name));
    const pod = kubeName(spec, "pod", hostOf(spec, "the name of a pod"));
    return inContainer("kubectl", [
      `--context=${parameter(spec, "context")}`,
      `--namespace=${named("namespace")}`,
      "exec",
      `--container=${named("container")}`,
      "-i",
      pod,
      "--",
      ...BUILDCTL_DIAL,
    ]);
  },
};

type DialScheme = keyof typeof DIALS;

export function isDialScheme(scheme: string): scheme is DialScheme {
  return Object.hasOwn(DIALS, scheme);
}

/**
 * The program that reaches what `text` names.
 * @param about.kind of the engine behind ssh://; in containers there is always a buildkitd
 * @throws {BktuiError} "usage" for names and parts that the program would not take as they are meant.
 */
export function dialCommand(
  scheme: DialScheme,
  about: { readonly text: string; readonly kind: EngineKind; readonly env: DialEnvironment },
): CommandAddress {
  if (!URL.canParse(about.text)) throw wrong(about.text, "it is not an address");
  const dialled = DIALS[scheme]({ ...about, url: new URL(about.text) });
  return { kind: "command", ...dialled, env: {}, text: about.text };
}

/** As a person types it in a shell. */
export function commandLine({ program, args }: Pick<CommandAddress, "program" | "args">): string {
  return [program, ...args].map(quoted).join(" ");
}

/** A word for a POSIX shell, in quotes only where they are needed. */
export function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function inContainer(program: string, args: readonly string[]): Dialled {
  return { program, args, speaks: "buildkitd" };
}

/**
 * For a dockerd docker's own command with the path as the daemon's socket, for a buildkitd buildctl's. The remote side
 * gets its command as one text for its shell.
 */
function sshArgs(spec: Spec): readonly string[] {
  const { url, kind, env } = spec;
  const host = hostOf(spec, "a host");
  const user = decodeURIComponent(url.username);
  if (url.password !== "") throw wrong(withoutPassword(url), "passwords in addresses are not supported");
  if (url.search !== "" || url.hash !== "") throw wrong(spec.text, "nothing may follow the path");
  // ssh may hand them to a shell (ProxyCommand), and takes what begins with a dash for an option.
  if (!/^[\w.:%-]+$/.test(host) || host.startsWith("-")) throw wrong(spec.text, "this is no name of a host");
  if (!/^[\w.@+\\-]*$/.test(user) || user.startsWith("-"))
    throw wrong(spec.text, "this is no name of a user");
  const path = decodeURIComponent(url.pathname).replace(/^\/+$/, "");
  return [
    ...(user === "" ? [] : ["-l", user]),
    ...(url.port === "" ? [] : ["-p", url.port]),
    ...["-o", `ConnectTimeout=${SSH_CONNECT_SECONDS}`, "-T"],
    // Without a terminal ssh would send empty passwords, which count as failed logins over there.
    ...(hasWindow(env) ? [] : ["-o", "BatchMode=yes"]),
    ...["--", host],
    remoteCommand(kind, path).map(quoted).join(" "),
  ];
}

function remoteCommand(kind: EngineKind, path: string): readonly string[] {
  if (kind === "dockerd") {
    return ["docker", ...(path === "" ? [] : [`--host=unix://${path}`]), "system", "dial-stdio"];
  }
  return path === "" ? BUILDCTL_DIAL : ["buildctl", "--addr", `unix://${path}`, "dial-stdio"];
}

/** ssh asks in a window of its own, where there is a desktop or the user says so. */
function hasWindow(env: DialEnvironment): boolean {
  const asks = env["SSH_ASKPASS_REQUIRE"] ?? "";
  if (asks === "never") return false;
  return asks !== "" || (env["DISPLAY"] ?? "") !== "" || (env["WAYLAND_DISPLAY"] ?? "") !== "";
}

/** Docker's own rule for names; a dash in front would be read as an option. */
function containerName(spec: Spec): string {
  const name = hostOf(spec, "the name of a container");
  if (!/^[a-zA-Z0-9][\w.-]*$/.test(name)) throw wrong(spec.text, `"${name}" is no name of a container`);
  return name;
}

function kubeName({ text }: Spec, what: string, name: string): string {
  if (name !== "" && (!/^[-a-z0-9.]+$/.test(name) || name.startsWith("-"))) {
    throw wrong(text, `"${name}" is no name of a ${what}`);
  }
  return name;
}

function hostOf({ text, url }: Spec, what: string): string {
  if (url.hostname === "") throw wrong(text, `it lacks ${what}`);
  return decodeURIComponent(url.hostname.replace(/^\[|\]$/g, ""));
}

function parameter({ url }: Spec, name: string): string {
  return url.searchParams.get(name) ?? "";
}

/** A password must not reach messages. */
function withoutPassword(url: URL): string {
  const shown = new URL(url);
  shown.password = "";
  return shown.href;
}

function wrong(text: string, why: string): BktuiError {
  return new BktuiError("usage", `the engine address "${text}" cannot be used: ${why}`, {
    hint: "ssh://[USER@]HOST[:PORT][/SOCKET], docker-container://NAME[?context=C], kube-pod://POD[?namespace=N].",
  });
}
