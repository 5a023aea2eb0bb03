/** The service that hands out secrets. */
import { access, constants, readFile, stat } from "node:fs/promises";
import { moby } from "#proto";
import { limits } from "../base/limits.ts";
import { type Attachable, CallRefused, grpcCode, unary } from "./attachable.ts";
import { SecretMask } from "./secret-mask.ts";

const { GetSecretRequest, GetSecretResponse } = moby.buildkit.secrets.v1;

const NOT_GIVEN = "not found";

/** Where a secret's value comes from. Holds no value, so it may be kept and logged. */
export interface SecretOrigin {
  readonly id: string;
  readonly from:
    | { readonly kind: "file"; readonly path: string }
    /** A variable that is not set is an empty secret, as for buildx. */
    | { readonly kind: "env"; readonly name: string };
}

/**
 * Hands out the secrets that the user named, and no others. Values are read when the daemon asks, sent, and not kept
 * but by the mask that hides them in what the build prints.
 * Ids are looked up as they are, never taken for a path or a variable.
 */
export function secretsService(
  secrets: readonly SecretOrigin[],
  environment: Readonly<Record<string, string | undefined>>,
  mask = new SecretMask(),
): Attachable {
  const byId = new Map(secrets.map((secret) => [secret.id, secret]));
  const getSecret = unary(async (bytes) => {
    const { ID: id } = GetSecretRequest.decode(bytes);
    const secret = byId.get(id);
    if (secret === undefined) throw new CallRefused(grpcCode.notFound, `secret ${id}: ${NOT_GIVEN}`);
    const data = await readSecret(secret, environment);
    // Before the daemon has it: nothing may print it earlier.
    mask.add(data, secretName(id));
    return GetSecretResponse.encode({ data }).finish();
  });
  return { methods: new Map([["/moby.buildkit.secrets.v1.Secrets/GetSecret", getSecret]]) };
}

/**
 * Values that the build may not ask for, since the step that would is in the cache: what it wrote down is hidden all the
 * same. One that is no file, or cannot be read now, is known once it is asked for.
 */
export async function knowSecrets(
  secrets: readonly SecretOrigin[],
  environment: Readonly<Record<string, string | undefined>>,
  mask: SecretMask,
): Promise<void> {
  for (const secret of secrets) {
    const value = await valueNow(secret, environment);
    if (value !== undefined) mask.add(value, secretName(secret.id));
  }
}

/** Undefined where it can be read once only, as from a pipe, or not at all. */
async function valueNow(
  secret: SecretOrigin,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array | undefined> {
  const { from } = secret;
  const isThere =
    from.kind === "env" ||
    (await stat(from.path).then(
      (facts) => facts.isFile(),
      () => false,
    ));
  return isThere ? await readSecret(secret, environment).catch(() => undefined) : undefined;
}

/** As people are told of it. */
function secretName(id: string): string {
  return `secret ${id}`;
}

/**
 * Values that no step has asked for in this process may have got into a state in an earlier one: they are looked for too. What
 * comes from a pipe is not read, since that can be done once. Answers the names of those that cannot be looked for.
 */
export async function seekSecrets(
  secrets: readonly SecretOrigin[],
  environment: Readonly<Record<string, string | undefined>>,
  { sought }: SecretMask,
): Promise<readonly string[]> {
  const missing = secrets.filter(({ id }) => !sought.knows(secretName(id)));
  for (const secret of missing) {
    const value = await valueNow(secret, environment);
    if (value !== undefined) sought.add(secretName(secret.id), value);
  }
  const unread = missing.map(({ id }) => secretName(id)).filter((name) => !sought.knows(name));
  return [...new Set([...sought.unsought, ...unread])];
}

/**
 * Why a value cannot be had, as the service would say it; undefined when it can. Nothing is read: what comes from a
 * pipe can be read once.
 */
export async function whyNoSecret(id: string, secrets: readonly SecretOrigin[]): Promise<string | undefined> {
  // The last one of an id counts.
  const from = secrets.findLast((secret) => secret.id === id)?.from;
  if (from === undefined) return NOT_GIVEN;
  if (from.kind === "env") return undefined;
  try {
    await access(from.path, constants.R_OK);
    const isTooLarge = (await stat(from.path)).size > limits.secretBytes;
    return isTooLarge ? `larger than the limit of ${limits.secretBytes / 1024} KiB` : undefined;
  } catch (error) {
    return `cannot read ${from.path} (${codeOf(error)})`;
  }
}

async function readSecret(
  { id, from }: SecretOrigin,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Uint8Array> {
  const value = from.kind === "file" ? await readSecretFile(id, from.path) : (environment[from.name] ?? "");
  const bytes = Buffer.from(value);
  if (bytes.length > limits.secretBytes) throw tooLarge(id);
  return bytes;
}

async function readSecretFile(id: string, path: string): Promise<Buffer> {
  try {
    // A pipe (`--secret src=<(...)`) has size 0 and is read to its end.
    if ((await stat(path)).size > limits.secretBytes) throw tooLarge(id);
    return await readFile(path);
  } catch (error) {
    throw error instanceof CallRefused ? error : unreadable(id, path, error);
  }
}

function unreadable(id: string, path: string, cause: unknown): CallRefused {
  return new CallRefused(grpcCode.unknown, `secret ${id}: cannot read ${path} (${codeOf(cause)})`, { cause });
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown reason";
}

function tooLarge(id: string): CallRefused {
  return new CallRefused(
    grpcCode.resourceExhausted,
    `secret ${id}: larger than the limit of ${limits.secretBytes / 1024} KiB`,
  );
}
