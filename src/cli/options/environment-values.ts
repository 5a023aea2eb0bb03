/** What docker's client takes from the environment when no option says it, and what it is called there. Pure. */
import { resolve } from "node:path";
import { goBoolean } from "../../base/go-boolean.ts";
import { badValue } from "../../console/bad-values.ts";
import type { Surroundings } from "../../console/build-options.ts";
import { parsePlatform } from "../../console/values/platform.ts";
import type { TakenValue } from "../../engine/build-request.ts";
import type { BuildChoices } from "../debug-options.ts";

/** A value that counts unless an option says otherwise. */
interface Default {
  readonly variable: string;
  /** What it sets; undefined = an option has said it already. @throws {BktuiError} "bad-request". */
  choose(text: string, given: BuildChoices, cwd: string): Partial<BuildChoices> | undefined;
}

const DEFAULTS: readonly Default[] = [
  {
    variable: "SOURCE_DATE_EPOCH",
    choose: (text, { buildArgs }) =>
      Object.hasOwn(buildArgs, "SOURCE_DATE_EPOCH")
        ? undefined
        : { buildArgs: { ...buildArgs, SOURCE_DATE_EPOCH: text } },
  },
  {
    variable: "DOCKER_DEFAULT_PLATFORM",
    choose: (text, { platform }) =>
      platform === undefined ? { platform: parsePlatform([text]) } : undefined,
  },
  {
    variable: "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY",
    choose: (text, _given, cwd) => ({ sourcePolicy: resolve(cwd, text) }),
  },
  {
    variable: "BUILDX_NO_DEFAULT_ATTESTATIONS",
    choose: (text, { attests = [] }) =>
      !isOn("BUILDX_NO_DEFAULT_ATTESTATIONS", text) || attests.some(({ type }) => type === "provenance")
        ? undefined
        : { attests: [...attests, { type: "provenance", record: undefined }] },
  },
  {
    variable: "BUILDX_NO_DEFAULT_LOAD",
    choose: (text) => (isOn("BUILDX_NO_DEFAULT_LOAD", text) ? { noDefaultLoad: true } : undefined),
  },
  {
    variable: "BUILDX_NO_DEFAULT_OCI_ARTIFACT",
    choose: (text) => (isOn("BUILDX_NO_DEFAULT_OCI_ARTIFACT", text) ? { noOciArtifact: true } : undefined),
  },
];

/**
 * The build with what the environment adds, and each such value in `taken`, for Info and `bktui config`.
 * @throws {BktuiError} "bad-request" for a value that cannot be used; nothing is passed over.
 */
export function withEnvironment(build: BuildChoices, { env, cwd }: Surroundings): BuildChoices {
  const taken: TakenValue[] = [];
  let given = build;
  for (const { variable, choose } of DEFAULTS) {
    const text = env[variable] ?? "";
    const chosen = text === "" ? undefined : named(variable, () => choose(text, given, cwd));
    if (chosen === undefined) continue;
    given = { ...given, ...chosen };
    taken.push({ name: variable, value: text, from: "the environment" });
  }
  return taken.length === 0 ? given : { ...given, taken };
}

/** A refusal names the variable, not the option that nobody typed. */
function named<T>(variable: string, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw badValue(`${variable}: ${error.message.replace(/^--\S+ /, "")}`);
  }
}

function isOn(variable: string, text: string): boolean {
  const value = goBoolean(text);
  if (value === undefined) throw badValue(`${text}: not true or false`, `set ${variable}=1 or leave it out`);
  return value;
}
