/** Policies that docker buildx (0.31 to 0.37) applies without being asked, and bktui does not. */
import { stat } from "node:fs/promises";
import { goBoolean } from "../base/go-boolean.ts";
import { visibleLine } from "../base/visible.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { PolicyChoice } from "../console/values/policy.ts";

const INSTEAD = "is not applied: bktui evaluates no rules in Rego, docker buildx build does";

/** One line for each that docker would apply; `dockerfile`: undefined where it is no file of this machine. */
export async function policyNotes(
  dockerfile: string | undefined,
  { beside, builtIn }: PolicyChoice = { beside: true, builtIn: true },
  { env }: Pick<Surroundings, "env">,
): Promise<readonly string[]> {
  const path = `${dockerfile}.rego`;
  const isThere = dockerfile !== undefined && beside && (await stat(path).catch(() => undefined))?.isFile();
  const asked = builtIn && goBoolean(env["BUILDX_DEFAULT_POLICY"] ?? "") === true;
  return [
    ...(isThere === true ? [visibleLine(`the policy ${path} ${INSTEAD}`)] : []),
    ...(asked ? [`the built-in policy that BUILDX_DEFAULT_POLICY asks for ${INSTEAD}`] : []),
  ];
}
