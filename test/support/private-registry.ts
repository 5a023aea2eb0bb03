/** A registry with a password in an engine's network, and a token server for it. */
import { createPrivateKey, randomUUID, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { writeBusyboxRootfs } from "../../src/engine/debug-root/busybox.ts";
import { findPackageSource } from "../../src/engine/private/packages/packages.ts";
import { fetchTools } from "../../src/engine/private/packages/programs.ts";
import { packageCacheDirectory } from "../../src/engine/private/system/cache-directories.ts";
import { type EngineServer, serveInEngine } from "./engine-network.ts";
import { run } from "./program.ts";
import { seedRegistry } from "./seed-registry.ts";
import type { TestEngine } from "./test-engine.ts";

const { signal } = new AbortController();

export const USER = "me";
export const PASSWORD = "right";
/** bcrypt of the password. */
const HASH = "$2b$05$abcdefghijklmnopqrstuu8xaCxxL82bnl.UY74PMksDxIJShppPC";
const SERVICE = "registry.test";
const ISSUER = "tokens.test";
/** What lies in it. */
export const IMAGE = "private/busybox:1";

/** How it lets people in: anybody, by a password, or by what the token server at `realm` signs. */
export type Entrance =
  | { readonly kind: "open" }
  | { readonly kind: "password" }
  | { readonly kind: "token"; readonly server: TokenServer };

/** Starts Debian's docker-registry with one image in it. Dispose to end it and delete what it has. */
export async function privateRegistry(
  engine: Pick<TestEngine, "dockerHost">,
  busybox: string,
  entrance: Entrance,
): Promise<EngineServer> {
  const scope = new Scope();
  const directory = await mkdtemp(join(tmpdir(), "bktui-registry-"));
  scope.defer(async () => await rm(directory, { recursive: true, force: true }));
  try {
    const [data, rootfs] = [join(directory, "data"), join(directory, "rootfs")];
    await mkdir(rootfs);
    await writeBusyboxRootfs(busybox, rootfs, { signal });
    await seedRegistry(data, [{ reference: IMAGE, rootfs, command: ["sh"] }], { signal });
    const tools = await fetchTools(await findPackageSource(), {
      cache: packageCacheDirectory(),
      onProgress: () => undefined,
      signal,
    });
    const config = join(directory, "registry.yml");
    const server = scope.own(
      await serveInEngine(engine, (port) => {
        writeFileSync(config, registryConfig(directory, data, port, entrance));
        return [join(tools.binDir, "docker-registry"), "serve", config];
      }),
    );
    return { host: server.host, [Symbol.asyncDispose]: () => scope[Symbol.asyncDispose]() };
  } catch (error) {
    await scope[Symbol.asyncDispose]();
    throw error;
  }
}

function registryConfig(directory: string, data: string, port: number, entrance: Entrance): string {
  mkdirSync(data, { recursive: true });
  const head = [
    "version: 0.1",
    `storage: {filesystem: {rootdirectory: ${JSON.stringify(data)}}}`,
    `http: {addr: "127.0.0.1:${port}"}`,
  ];
  if (entrance.kind === "open") return [...head, ""].join("\n");
  if (entrance.kind === "password") {
    const path = join(directory, "htpasswd");
    writeFileSync(path, `${USER}:${HASH}\n`);
    return [...head, `auth: {htpasswd: {realm: private, path: ${JSON.stringify(path)}}}`, ""].join("\n");
  }
  const { realm, certificate } = entrance.server;
  const token = `realm: ${JSON.stringify(realm)}, service: ${SERVICE}, issuer: ${ISSUER}`;
  return [...head, `auth: {token: {${token}, rootcertbundle: ${JSON.stringify(certificate)}}}`, ""].join(
    "\n",
  );
}

/** Signs tokens for whoever has the password; it is reached from this machine, not from the engine. */
export interface TokenServer extends AsyncDisposable {
  /** URL. */
  readonly realm: string;
  /** Path of what its signatures are checked with. */
  readonly certificate: string;
  /** What was asked of it: method, and the scopes. */
  readonly asked: readonly string[];
  /** Answers with this status from now on, in place of a token. */
  refuse(status: number | undefined): void;
}

/** @throws when openssl is missing, which makes the certificate. */
export async function tokenServer(): Promise<TokenServer> {
  const directory = await mkdtemp(join(tmpdir(), "bktui-tokens-"));
  const [keyPath, certificate] = [join(directory, "key.pem"), join(directory, "cert.pem")];
  const made = await run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-subj", "/CN=tokens.test", "-days", "2", "-keyout", keyPath, "-out", certificate],
  ]);
  if (made.exitCode !== 0) throw new Error(`openssl: ${made.stderr}`);
  const key = createPrivateKey(await readFile(keyPath));
  const pem = await readFile(certificate, "utf8");
  const asked: string[] = [];
  let status: number | undefined;
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const form = new URLSearchParams(body);
      const query = new URL(request.url ?? "/", "http://x").searchParams;
      const scopes = [...form.getAll("scope"), ...query.getAll("scope")].flatMap((text) => text.split(" "));
      asked.push([request.method, ...scopes].join(" "));
      if (status !== undefined)
        return reply(response, status, { errors: [{ message: `told to say ${status}` }] });
      if (!knows(request, form)) return reply(response, 401, { errors: [{ message: "who are you" }] });
      const token = jwt(scopes, { key, pem });
      return reply(response, 200, { access_token: token, token, expires_in: 300 });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    realm: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/token`,
    certificate,
    asked,
    refuse: (next) => {
      status = next;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await rm(directory, { recursive: true });
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString("utf8");
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function knows({ headers }: IncomingMessage, form: URLSearchParams): boolean {
  const basic = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
  const byForm = form.get("username") === USER && form.get("password") === PASSWORD;
  return byForm || form.get("refresh_token") === PASSWORD || headers.authorization === basic;
}

/** As the registry reads it: which actions on which repositories, signed with a certificate that it knows. */
function jwt(
  scopes: readonly string[],
  { key, pem }: { readonly key: ReturnType<typeof createPrivateKey>; readonly pem: string },
): string {
  const x5c = [pem.replace(/-----[^-]+-----|\s/g, "")];
  const now = Math.floor(Date.now() / 1000);
  const access = scopes.flatMap((scope) => {
    const [, type, name, actions] = /^(\w+):(.+):([\w*,]+)$/.exec(scope) ?? [];
    return type === undefined ? [] : [{ type, name, actions: actions?.split(",") }];
  });
  const claims = {
    ...{ iss: ISSUER, sub: USER, aud: SERVICE, jti: randomUUID() },
    ...{ iat: now, nbf: now - 60, exp: now + 300, access },
  };
  const parts = [{ typ: "JWT", alg: "ES256", x5c }, claims].map((each) =>
    Buffer.from(JSON.stringify(each)).toString("base64url"),
  );
  const signed = parts.join(".");
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}
