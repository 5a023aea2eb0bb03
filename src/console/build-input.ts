/** `:secret`, `:ssh`, `:allow` and `:build-arg`: the request of the next build, with what was typed. Pure. */

import { BktuiError, unreachable } from "../base/errors.ts";
import type { BuildInputOption } from "../debugger/remedies.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { parseAllow, parseSecret, parseSsh, type Surroundings } from "./build-options.ts";
import { parseBuildArgs } from "./option-values.ts";

/**
 * What was given before under the same name is replaced.
 * @throws {BktuiError} "usage" when the text is not understood.
 */
export function withInput(
  request: BuildRequest,
  option: BuildInputOption,
  text: string,
  surroundings: Surroundings,
): BuildRequest {
  switch (option) {
    case "secret": {
      const secret = parseSecret(text, surroundings);
      return { ...request, secrets: [...request.secrets.filter(({ id }) => id !== secret.id), secret] };
    }
    case "ssh": {
      const agent = parseSsh(text, surroundings);
      return { ...request, ssh: [...request.ssh.filter(({ id }) => id !== agent.id), agent] };
    }
    case "allow":
      return { ...request, allow: [...new Set([...request.allow, parseAllow(text)])] };
    case "build-arg":
      return { ...request, buildArgs: { ...request.buildArgs, ...argumentIn(text, surroundings) } };
    default:
      return unreachable(option);
  }
}

/** A name alone takes its value from the environment, as in docker; here it must be there. */
function argumentIn(text: string, surroundings: Surroundings): Readonly<Record<string, string>> {
  const { args, notes } = parseBuildArgs([text], surroundings);
  const [missing] = notes;
  if (missing !== undefined) throw new BktuiError("usage", missing);
  return args;
}
