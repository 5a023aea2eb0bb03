/** The service that gives registry credentials to the daemon. */
import { moby } from "#proto";
import { type BktuiError, toBktuiError } from "../base/errors.ts";
import { type Attachable, type Call, CallRefused, grpcCode, type Handler, unary } from "./attachable.ts";
import { askCredentialHelper } from "./credential-helper.ts";
import {
  type Credentials,
  type Environment,
  findAuth,
  readAuthVariable,
  readDockerConfig,
  registryKey,
} from "./docker-config.ts";
import type { RegistryToken } from "./registry-token.ts";
import { TokenAuthority } from "./token-authority.ts";

const auth = moby.filesync.v1;

/** What became of a daemon's wish for credentials. */
export interface CredentialsAnswer {
  /** As the daemon named it; untrusted text. */
  readonly host: string;
  /**
   * "token": only a token that was fetched with them. "refused": the build has no business with that registry. "failed":
   * they could not be had; `error` says why.
   */
  readonly outcome: "given" | "token" | "none" | "refused" | "failed";
  readonly error?: BktuiError;
}

export interface AuthOptions {
  /** Where `DOCKER_CONFIG` and `DOCKER_AUTH_CONFIG` are looked up. */
  readonly environment: Environment;
  /** Whether the build refers to this registry. Others get the anonymous answer, whatever the configuration has. */
  readonly allows: (host: string) => boolean;
  /** Every question of the daemon, so that handing over a password is never silent. */
  readonly onAnswer?: (answer: CredentialsAnswer) => void;
  /** A password or token that the user has for a registry, before anybody else gets it. */
  readonly onPassword?: (host: string, password: string) => void;
}

/** Of this process: reruns are known again by it. */
const AUTHORITY = new TokenAuthority();
const NO_TOKENS = "BUILDKIT_NO_CLIENT_TOKEN";

/**
 * Lets the daemon into the registries of this build, with the user's credentials from docker's configuration. Where a
 * registry has a token server, the token is fetched here and the password stays here, as with buildx 0.37; not for
 * registries without credentials: the daemon's own way to an anonymous token is as good (BuildKit 0.8 to 0.32).
 */
export function authService(options: AuthOptions): Attachable {
  const { environment, allows, onAnswer, onPassword } = options;
  const find = async (host: string): Promise<Credentials | undefined> => {
    try {
      const found = await findCredentials(host, environment, (error) =>
        onAnswer?.({ host, outcome: "failed", error }),
      );
      if (found !== undefined) onPassword?.(host, found.secret);
      return found;
    } catch (failure) {
      const error = toBktuiError(failure);
      onAnswer?.({ host, outcome: "failed", error });
      throw error;
    }
  };
  const credentials = unary(async (bytes) => {
    const { Host: host } = auth.CredentialsRequest.decode(bytes);
    if (!allows(host)) {
      onAnswer?.({ host, outcome: "refused" });
      return auth.CredentialsResponse.encode({}).finish();
    }
    const found = await find(host);
    // A ready token is of use only to who asks for tokens.
    const given = found?.registryToken === true ? undefined : found;
    onAnswer?.({ host, outcome: given === undefined ? "none" : "given" });
    return auth.CredentialsResponse.encode({
      Username: given?.username ?? "",
      Secret: given?.secret ?? "",
    }).finish();
  });
  const methods: Readonly<Record<string, Handler>> = {
    Credentials: credentials,
    ...tokenMethods(options, find),
  };
  return {
    methods: new Map(
      Object.entries(methods).map(([name, handler]) => [`/moby.filesync.v1.Auth/${name}`, handler]),
    ),
  };
}

function tokenMethods(
  { environment, allows, onAnswer }: AuthOptions,
  find: (host: string) => Promise<Credentials | undefined>,
): Readonly<Record<string, Handler>> {
  /** @throws {CallRefused} "unimplemented", on which the daemon asks for the credentials instead. */
  const forTokens = async (host: string): Promise<Credentials> => {
    const found = allows(host) && !isTrue(environment[NO_TOKENS]) ? await find(host) : undefined;
    if (found === undefined) throw new CallRefused(grpcCode.unimplemented, "no tokens from here");
    return found;
  };
  return {
    GetTokenAuthority: unary(async (bytes) => {
      const { Host: host, Salt: salt } = auth.GetTokenAuthorityRequest.decode(bytes);
      const key = AUTHORITY.publicKey(host, salt, await forTokens(host));
      return auth.GetTokenAuthorityResponse.encode({ PublicKey: key }).finish();
    }),
    VerifyTokenAuthority: unary(async (bytes) => {
      const { Host: host, Salt: salt, Payload: payload } = auth.VerifyTokenAuthorityRequest.decode(bytes);
      const signed = AUTHORITY.signed(host, salt, await forTokens(host), payload);
      return auth.VerifyTokenAuthorityResponse.encode({ Signed: signed }).finish();
    }),
    FetchToken: unary(async (bytes, call) => {
      const request = auth.FetchTokenRequest.decode(bytes);
      const found = await forTokens(request.Host);
      const { token, expiresIn, issuedAt } = await tokenFor(request, found, { environment, call, onAnswer });
      return auth.FetchTokenResponse.encode({
        Token: token,
        ExpiresIn: expiresIn,
        IssuedAt: issuedAt,
      }).finish();
    }),
  };
}

async function tokenFor(
  {
    Host: host,
    Realm: realm,
    Service: service,
    Scopes: scopes,
  }: ReturnType<typeof auth.FetchTokenRequest.decode>,
  credentials: Credentials,
  {
    environment,
    call,
    onAnswer,
  }: Pick<AuthOptions, "environment"> & {
    readonly call: Call;
    readonly onAnswer: AuthOptions["onAnswer"] | undefined;
  },
): Promise<RegistryToken> {
  if (credentials.registryToken === true) {
    onAnswer?.({ host, outcome: "token" });
    return { token: credentials.secret, expiresIn: 0, issuedAt: 0 };
  }
  const signal = call.cancelled;
  // Most builds fetch none, and https is dear to load.
  const { fetchRegistryToken } = await import("./registry-token.ts");
  try {
    const token = await fetchRegistryToken({ host, realm, service, scopes }, credentials, {
      environment,
      signal,
    });
    onAnswer?.({ host, outcome: "token" });
    return token;
  } catch (failure) {
    const error = toBktuiError(failure);
    if (!signal.aborted) onAnswer?.({ host, outcome: "failed", error });
    throw error;
  }
}

/** As Go reads a truth. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(1|t|true)$/i.test(text);
}

/**
 * Credentials in docker's order: `DOCKER_AUTH_CONFIG`, the registry's own helper, the general store, `auths`. A file that
 * cannot be read counts as none, as for docker.
 * @param onUnread is told why it cannot
 * @throws {BktuiError} "io" for a broken variable or a failing helper.
 */
export async function findCredentials(
  host: string,
  environment: Environment,
  onUnread: (error: BktuiError) => void = () => undefined,
): Promise<Credentials | undefined> {
  const key = registryKey(host);
  const fromVariable = readAuthVariable(environment);
  const first = fromVariable === undefined ? undefined : findAuth(fromVariable.auths, key);
  if (first !== undefined) return first;
  const config = await readDockerConfig(environment).catch((error) => {
    onUnread(toBktuiError(error));
    return undefined;
  });
  if (config === undefined) return undefined;
  const helper = config.credHelpers.get(key) ?? config.credHelpers.get(host) ?? config.credsStore;
  const fromHelper = helper === undefined ? undefined : await askCredentialHelper(helper, key);
  return fromHelper ?? findAuth(config.auths, key);
}
