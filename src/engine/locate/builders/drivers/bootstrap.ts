/** A builder that does not exist yet is made by buildx itself: it alone makes it exactly as buildx does. */
import { BktuiError } from "../../../../base/errors.ts";
import { ask, findBuildx, wordsOf } from "../programs.ts";
import type { Builder } from "../store.ts";
import type { Reaching } from "./driver.ts";

/** Images are downloaded meanwhile. */
const LIMIT_MS = 600_000;

/**
 * @param what does not exist, e.g. "its container buildx_buildkit_dev0"
 * @throws {BktuiError} "engine-unreachable" with buildx's words, or the command to type where there is no buildx.
 */
export async function bootstrap(builder: Builder, what: string, reaching: Reaching): Promise<void> {
  const { env, signal, mayStart, onProgress } = reaching;
  const command = `docker buildx inspect --bootstrap ${builder.name}`;
  const buildx = await findBuildx(env);
  if (buildx === undefined)
    throw new BktuiError("engine-unreachable", `${what} does not exist yet`, { hint: `Run: ${command}` });
  if (!mayStart)
    throw new BktuiError("not-now", `${what} does not exist yet; buildx makes it when the builder is used`);
  onProgress(`builder ${builder.name}: ${what} does not exist yet; buildx makes it`);
  const args = [...buildx.args, "inspect", "--bootstrap", builder.name];
  const finished = await ask({ ...buildx, args }, { env, signal, limitMs: LIMIT_MS });
  if (finished.exitCode === 0) return;
  throw new BktuiError("engine-unreachable", `${what} cannot be made: ${wordsOf(finished)}`, {
    hint: `${command} tells more.`,
  });
}
