/** The options of `buildctl build` 0.32: a frontend and what it may read, and its other names for docker's options. */
import { resolve } from "node:path";
import { badValue, usageError } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { parseCaches } from "../../console/values/cache.ts";
import { frontendChoices } from "../../console/values/frontend-choices.ts";
import type { TypedPath } from "../typed-source.ts";
import type { OptionRow } from "./option-row.ts";

const SHOWN: readonly OptionRow[] = [
  {
    flags: "--frontend <name>",
    help: "what reads the build: dockerfile.v0, or gateway.v0 with --opt source=IMAGE",
    choose: ([text = ""]) => ({ run: { frontend: nameOf(text) } }),
  },
  {
    flags: "--local <name=directory>",
    help: "directory that the frontend may read, e.g. context=. dockerfile=.",
    repeated: true,
    choose: (texts, at) => ({ run: { locals: pathsOf("--local", "context=.", texts, at) } }),
  },
  {
    flags: "--oci-layout <name=directory>",
    help: "image layout that the frontend may read: --opt context:base=oci-layout://NAME@DIGEST",
    repeated: true,
    choose: (texts, at) => ({ run: { layouts: pathsOf("--oci-layout", "base=./layout", texts, at) } }),
  },
  {
    flags: "--opt <name=value>",
    help: "option of the frontend: target=, build-arg:NAME=, filename=, or one of its own",
    repeated: true,
    choose: (texts) => {
      const { build, options } = frontendChoices(pairsOf("--opt", "target=app", texts));
      return { build, run: { frontendOptions: options } };
    },
  },
  {
    flags: "--source <file>",
    help: "text that is shown of what is no Dockerfile, e.g. a build plan",
    choose: ([text = ""], { cwd }) => ({ run: { shown: { text, path: resolve(cwd, text) } } }),
  },
];

/** Other names. */
const SAME: readonly OptionRow[] = [
  {
    flags: "--export-cache <cache>",
    repeated: true,
    choose: (texts, at) => ({ build: { cacheTo: parseCaches("--export-cache", texts, at) } }),
  },
  {
    flags: "--import-cache <cache>",
    repeated: true,
    choose: (texts, at) => ({ build: { cacheFrom: parseCaches("--import-cache", texts, at) } }),
  },
  {
    flags: "--source-policy-file <file>",
    choose: ([text = ""], { cwd }) => ({ build: { sourcePolicy: resolve(cwd, text) } }),
  },
];

/** What is about buildctl's own reports. */
const LEFT_OUT: readonly OptionRow[] = [
  left("--trace <file>", "bktui writes no trace; --progress=rawjson prints the same reports"),
  left("--debug-json-cache-metrics <file>", "bktui counts no cache hits; it marks each cached step"),
  left("--ref-file <file>", "a build that is stepped through has no reference to look it up by later"),
  left("--log-format <format>", "bktui writes no log of its own"),
  left("--timeout <seconds>", "bktui waits for an engine as long as somebody attends; see --engine-patience"),
  { flags: "--wait", choose: () => ({ notes: ["--wait: bktui always waits for the engine"] }) },
];

/** What would change the build, or who is asked, and cannot be had. */
const REFUSED: readonly OptionRow[] = [
  refused(
    "--proxy-network",
    "bktui cannot route the steps through BuildKit's proxy",
    "switch it on for all builds of a buildkitd: buildkitd --proxy-network",
  ),
  refused(
    "--registry-auth-tlscontext <fields>",
    "bktui fetches tokens with this machine's own certificates",
    "give Node the authority's: NODE_EXTRA_CA_CERTS=FILE bktui …",
  ),
];

export const FRONTEND_ROWS: readonly OptionRow[] = [...SHOWN, ...SAME, ...LEFT_OUT, ...REFUSED];

function left(flags: string, why: string): OptionRow {
  return { flags, choose: () => ({ notes: [`${flags.split(" ")[0]} is left out: ${why}`] }) };
}

function refused(flags: string, why: string, hint: string): OptionRow {
  const row = {
    flags,
    choose: () => {
      throw badValue(`${flags.split(" ")[0]}: ${why}`, hint);
    },
  };
  return flags.endsWith(">") ? { ...row, repeated: true } : row;
}

/** The names that BuildKit knows; any other one is an image, which gateway.v0 runs. */
const FRONTENDS: readonly string[] = ["dockerfile.v0", "gateway.v0"];

function nameOf(text: string): string {
  if (FRONTENDS.includes(text)) return text;
  if (text === "") throw usageError("--frontend: the name is missing", `it is ${FRONTENDS.join(" or ")}`);
  if (/[/:@]/.test(text))
    throw usageError(
      `--frontend ${text}: an image is no frontend's name`,
      `write --frontend gateway.v0 --opt source=${text}`,
    );
  return text;
}

type Pairs = readonly (readonly [string, string])[];

/** @throws {BktuiError} "usage" for what is no pair. */
function pairsOf(flag: string, example: string, texts: readonly string[]): Pairs {
  return texts.map((text) => {
    const at = text.indexOf("=");
    if (at <= 0) throw usageError(`${flag} ${text}: not NAME=VALUE`, `write for example ${flag} ${example}`);
    return [text.slice(0, at), text.slice(at + 1)] as const;
  });
}

function pathsOf(
  flag: string,
  example: string,
  texts: readonly string[],
  { cwd }: Pick<Surroundings, "cwd">,
): Readonly<Record<string, TypedPath>> {
  return Object.fromEntries(
    pairsOf(flag, example, texts).map(([name, text]) => {
      if (text === "")
        throw usageError(
          `${flag} ${name}=: the directory is missing`,
          `write for example ${flag} ${example}`,
        );
      return [name, { text, path: resolve(cwd, text) }];
    }),
  );
}
