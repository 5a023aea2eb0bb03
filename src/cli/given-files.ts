/** Looks at the files of secrets and ssh keys that options name, before anything runs. */
import { constants, type Stats } from "node:fs";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { limits } from "../base/limits.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { SecretSource, SshSource } from "../engine/build-request.ts";
import { look, mustBeReadable } from "./paths.ts";

/**
 * Answers what is worth saying although the build can run.
 * @throws {BktuiError} "not-found", "io" or "bad-request".
 */
export async function checkSecret(
  { id, from }: SecretSource,
  { env, cwd }: Surroundings,
): Promise<readonly string[]> {
  if (from.kind === "env") {
    if (from.beside !== undefined) {
      await look(from.beside, `secret "${id}"`);
      return [`secret "${id}": the variable ${from.name} counts, not the file ${from.beside}`];
    }
    if (env[from.name] === undefined)
      return [`secret "${id}": the environment variable ${from.name} is not set, the secret is empty`];
    if (from.isDefault !== true || !(await exists(resolve(cwd, id)))) return [];
    return [
      `secret "${id}": the variable ${id} is taken, not the file of that name; src=${id} names the file`,
    ];
  }
  const facts =
    from.isDefault === true ? await lookAtDefault(id, from.path) : await look(from.path, `secret "${id}"`);
  if (facts.isDirectory())
    throw new BktuiError("bad-request", `secret "${id}": ${from.path} is a directory`, {
      hint: "name one file: --secret id=NAME,src=FILE",
    });
  if (facts.size > limits.secretBytes)
    throw new BktuiError(
      "bad-request",
      `secret "${id}": ${from.path} has ${facts.size} bytes, BuildKit takes at most ${limits.secretBytes}`,
      { hint: "copy a file of this size from the build context instead" },
    );
  await mustBeReadable(from.path, constants.R_OK, `secret "${id}"`);
  return [];
}

/** An id alone could have meant two things. */
async function lookAtDefault(id: string, path: string): Promise<Stats> {
  if (await exists(path)) return await look(path, `secret "${id}"`);
  throw new BktuiError(
    "not-found",
    `secret "${id}": there is neither an environment variable ${id} nor a file ${path}`,
    { hint: "name one: --secret id=NAME,env=VARIABLE or --secret id=NAME,src=FILE" },
  );
}

/** One agent, or keys; whether a key can be used is seen when the build begins. @throws {BktuiError} as above. */
export async function checkAgent({ id, paths }: SshSource): Promise<void> {
  const facts = await Promise.all(paths.map((path) => look(path, `ssh "${id}"`)));
  const sockets = facts.filter((each) => each.isSocket());
  const odd = paths.find(
    (_, index) => facts[index]?.isSocket() === false && facts[index]?.isFile() === false,
  );
  if (odd !== undefined)
    throw new BktuiError("bad-request", `--ssh ${id}: ${odd} is neither a socket nor a key`, {
      hint: "name the agent's socket, usually $SSH_AUTH_SOCK, or private keys",
    });
  if (sockets.length > 0 && paths.length > 1)
    throw new BktuiError("bad-request", `--ssh ${id}: one agent's socket, or keys, not several of them`, {
      hint: "give each an id of its own: --ssh ID=SOCKET --ssh OTHER=KEY",
    });
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
