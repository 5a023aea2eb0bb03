/** Options that stand between `docker` and its command: docker's own, also where ours of the same name mean something else. Pure. */
import { usageError } from "../console/bad-values.ts";

/** A command line without them, and the variables of docker's client that say the same. */
export interface WithoutGlobals {
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

/** Behind them; everything else is no build. */
const COMMANDS: readonly string[] = ["build", "buildx", "builder", "image"];
const LONG: Readonly<Partial<Record<string, string>>> = {
  c: "context",
  D: "debug",
  H: "host",
  l: "log-level",
};
const WITH_VALUE: readonly string[] = [
  ...["context", "host", "log-level", "config"],
  ...["tlscacert", "tlscert", "tlskey"],
];
const SWITCHES: readonly string[] = ["debug", "tls", "tlsverify"];

interface Global {
  readonly name: string;
  readonly value: string;
}

/**
 * `docker --context far buildx build .` becomes `docker buildx build .` with DOCKER_CONTEXT=far. Any other line stays as it is.
 * @throws {BktuiError} "usage" for two that docker does not take together.
 */
export function withoutDockerGlobals(argv: readonly string[]): WithoutGlobals {
  const { globals, end } = argv[0] === "docker" ? globalsIn(argv) : { globals: [], end: 0 };
  if (globals.length === 0 || !COMMANDS.includes(argv[end] ?? "")) return { argv, variables: {} };
  const of = (wanted: string): string | undefined => globals.findLast(({ name }) => name === wanted)?.value;
  const [context, host, config] = [of("context"), of("host"), of("config")];
  if (context !== undefined && host !== undefined)
    throw usageError("docker takes only one of --host and --context", "leave one of them out");
  // With files of its own an address is the only place for them.
  const files = globals.filter(({ name }) => /^tls(cacert|cert|key)$/.test(name));
  const isAddress = host !== undefined && files.length > 0;
  const address = isAddress
    ? ["--addr", host, ...files.flatMap(({ name, value }) => [`--${name}`, value])]
    : [];
  const own = [
    ...(config === undefined ? [] : ["--config", config]),
    ...(of("debug") === undefined ? [] : ["--debug"]),
  ];
  return {
    argv: ["docker", ...own, ...address, ...argv.slice(end)],
    variables: {
      ...(context === undefined ? {} : { DOCKER_CONTEXT: context, DOCKER_HOST: "" }),
      ...(host === undefined || isAddress ? {} : { DOCKER_HOST: host, DOCKER_CONTEXT: "" }),
      ...(of("tlsverify") === undefined || isAddress ? {} : { DOCKER_TLS_VERIFY: "1" }),
      ...(of("tls") === undefined || isAddress ? {} : { DOCKER_TLS: "1" }),
    },
  };
}

/** `end`: the first word behind them. */
function globalsIn(argv: readonly string[]): { readonly globals: readonly Global[]; readonly end: number } {
  const globals: Global[] = [];
  let at = 1;
  for (; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    const [, short, long, joined] = /^(?:-([cDHl])|--([a-z-]+))=?(.*)$/s.exec(word) ?? [];
    const name = (short === undefined ? long : LONG[short]) ?? "";
    if (SWITCHES.includes(name) && joined !== "false") globals.push({ name, value: "" });
    else if (!WITH_VALUE.includes(name)) break;
    else if (joined !== "") globals.push({ name, value: joined ?? "" });
    else globals.push({ name, value: argv[++at] ?? "" });
  }
  return { globals, end: at };
}
