/** The service that gives registry credentials to the daemon. */
import { moby } from "#proto";
import { type Attachable, unary } from "./attachable.ts";
import { askCredentialHelper } from "./credential-helper.ts";
import {
  type Credentials,
  type Environment,
  findAuth,
  readAuthVariable,
  readDockerConfig,
  registryKey,
} from "./docker-config.ts";

const { CredentialsRequest, CredentialsResponse } = moby.filesync.v1;

/** What became of a daemon's wish for credentials; "refused" when the build has no business with that registry. */
export interface CredentialsAnswer {
  /** As the daemon named it; untrusted text. */
  readonly host: string;
  readonly outcome: "given" | "none" | "refused";
}

export interface AuthOptions {
  /** Where `DOCKER_CONFIG` and `DOCKER_AUTH_CONFIG` are looked up. */
  readonly environment: Environment;
  /** Whether the build refers to this registry. Others get the anonymous answer, whatever the configuration has. */
  readonly allows: (host: string) => boolean;
  /** Every question of the daemon, so that handing over a password is never silent. */
  readonly onAnswer?: (answer: CredentialsAnswer) => void;
}

/**
 * Gives the daemon the user's registry credentials, from docker's configuration, for the registries of this build.
 * The token methods are not offered: the daemon then asks here and fetches tokens itself (BuildKit 0.8 to 0.32).
 */
export function authService({ environment, allows, onAnswer }: AuthOptions): Attachable {
  const credentials = unary(async (bytes) => {
    const { Host: host } = CredentialsRequest.decode(bytes);
    if (!allows(host)) {
      onAnswer?.({ host, outcome: "refused" });
      return CredentialsResponse.encode({}).finish();
    }
    const found = await findCredentials(host, environment);
    onAnswer?.({ host, outcome: found === undefined ? "none" : "given" });
    return CredentialsResponse.encode({
      Username: found?.username ?? "",
      Secret: found?.secret ?? "",
    }).finish();
  });
  return { methods: new Map([["/moby.filesync.v1.Auth/Credentials", credentials]]) };
}

/**
 * Credentials in docker's order: `DOCKER_AUTH_CONFIG`, the registry's own helper, the general store, `auths`.
 * @throws {BktuiError} "io" for an unreadable configuration or a failing helper.
 */
export async function findCredentials(
  host: string,
  environment: Environment,
): Promise<Credentials | undefined> {
  const key = registryKey(host);
  const fromVariable = readAuthVariable(environment);
  const first = fromVariable === undefined ? undefined : findAuth(fromVariable.auths, key);
  if (first !== undefined) return first;
  const config = await readDockerConfig(environment);
  const helper = config.credHelpers.get(key) ?? config.credHelpers.get(host) ?? config.credsStore;
  const fromHelper = helper === undefined ? undefined : await askCredentialHelper(helper, key);
  return fromHelper ?? findAuth(config.auths, key);
}
