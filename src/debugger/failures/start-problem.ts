/** Why a program does not start in a container. The one place that knows the container runtime's words for it. */
import { toBktuiError } from "../../base/errors.ts";
import type { Container } from "../../engine/engine.ts";
import { plainText } from "./reasons.ts";

/** runc 1.1 and 1.3 (dockerd 20.10 and 28.5) on standard error; on a terminal they say nothing. */
const RUNTIME = /^(?:runc run failed|container_linux|OCI runtime)\b.*?: /;
const ABSENT =
  /^exec:? "?[^"]*"?: (?:stat [^:]*: no such file or directory|executable file not found.*|no such file or directory)$/;
const MOST_CHARACTERS = 4096;

/** The container runtime speaks before the program could. */
export function isRuntimeText(text: string): boolean {
  return RUNTIME.test(text);
}

/**
 * Starts it once more, without a terminal, and reads what the runtime or the engine says. The container is of no more use.
 * @returns undefined when the program is not there, or nothing is wrong with its start
 */
export async function startProblem(
  container: Container,
  args: readonly string[],
  { signal }: { readonly signal: AbortSignal },
): Promise<string | undefined> {
  let text = "";
  try {
    const process = await container.start({ args, env: [], terminal: undefined }, { signal });
    process.onData((chunk) => {
      if (text.length < MOST_CHARACTERS) text += Buffer.from(chunk).toString("utf8");
    });
    await process.exited;
    if (!isRuntimeText(text)) return undefined;
  } catch (error) {
    const failure = toBktuiError(error);
    if (failure.code !== "engine") throw error;
    text = failure.message;
  }
  const [line = ""] = text.split("\n");
  const said = plainText(
    line
      .replace(/^.*unable to start container process: /, "")
      .replace(RUNTIME, "")
      .trim(),
  );
  return said === "" || ABSENT.test(said) ? undefined : said;
}
