import { createPublicKey, verify } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { moby } from "#proto";
import { authService, type CredentialsAnswer } from "../../../src/session/auth.ts";
import { refuseForeignRealm } from "../../../src/session/token-realm.ts";
import { SessionPeer } from "../../support/session-peer.ts";

const auth = moby.filesync.v1;
const HOST = "127.0.0.1:5000";
const SALT = new TextEncoder().encode("salt");

interface Asked {
  readonly method: string | undefined;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

let directory = "";
let server: Server;
let realm = "";
let asked: Asked[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let answers: CredentialsAnswer[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "bktui-token-"));
  [asked, answers] = [[], []];
  server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const { method, url = "", headers } = request;
      asked.push({ method, url, authorization: headers.authorization, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  realm = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/token`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(directory, { recursive: true });
});

function configure(entry: unknown): void {
  writeFileSync(join(directory, "config.json"), JSON.stringify({ auths: { [HOST]: entry } }));
}

function pair(text: string): { readonly auth: string } {
  return { auth: Buffer.from(text).toString("base64") };
}

function json(status: number, value: unknown): typeof answer {
  return (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(typeof value === "string" ? value : JSON.stringify(value));
  };
}

function session(environment: Readonly<Record<string, string>> = {}): SessionPeer {
  return new SessionPeer(
    authService({
      environment: { DOCKER_CONFIG: directory, ...environment },
      allows: (host) => host === HOST,
      onAnswer: (each) => answers.push(each),
    }),
  );
}

async function fetchToken(
  peer: SessionPeer,
  host = HOST,
): Promise<{ readonly code: number; readonly message: string; readonly token: string }> {
  const request = auth.FetchTokenRequest.encode({
    ClientID: "buildkit-client",
    Host: host,
    Realm: realm,
    Service: "svc",
    Scopes: ["repository:a:pull", "repository:b:pull,push"],
  }).finish();
  const { code, message, reply } = await peer.unary("/moby.filesync.v1.Auth/FetchToken", request);
  return { code, message, token: reply === undefined ? "" : auth.FetchTokenResponse.decode(reply).Token };
}

async function authority(
  peer: SessionPeer,
  host = HOST,
): Promise<{ readonly code: number; readonly key: Uint8Array }> {
  const request = auth.GetTokenAuthorityRequest.encode({ Host: host, Salt: SALT }).finish();
  const { code, reply } = await peer.unary("/moby.filesync.v1.Auth/GetTokenAuthority", request);
  const key = reply === undefined ? new Uint8Array() : auth.GetTokenAuthorityResponse.decode(reply).PublicKey;
  return { code, key };
}

describe("a token is fetched here, so that the password stays here", () => {
  it("by POST with user and password", async () => {
    configure(pair("me:p:w"));
    answer = json(200, { access_token: "t1", expires_in: 300 });
    await using peer = session();
    expect(await fetchToken(peer)).toMatchObject({ code: 0, token: "t1" });
    expect(asked).toHaveLength(1);
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      client_id: "buildkit-client",
      grant_type: "password",
      username: "me",
      password: "p:w",
      service: "svc",
      scope: "repository:a:pull repository:b:pull,push",
    });
    expect(answers).toEqual([{ host: HOST, outcome: "token" }]);
  });

  it("by POST with an identity token", async () => {
    configure({ identitytoken: "id" });
    answer = json(200, { access_token: "t2" });
    await using peer = session();
    expect(await fetchToken(peer)).toMatchObject({ code: 0, token: "t2" });
    const form = new URLSearchParams(asked[0]?.body);
    expect([form.get("grant_type"), form.get("refresh_token"), form.get("password")]).toEqual([
      "refresh_token",
      "id",
      null,
    ]);
  });

  it.each([401, 404, 405])("by GET where the server answers the POST with %i", async (status) => {
    configure(pair("me:pw"));
    answer = (request, response) =>
      json(request.method === "POST" ? status : 200, { token: "t3" })(request, response);
    await using peer = session();
    expect(await fetchToken(peer)).toMatchObject({ code: 0, token: "t3" });
    const { method, url, authorization } = asked[1] ?? {};
    expect(method).toBe("GET");
    expect(url).toBe("/token?service=svc&scope=repository%3Aa%3Apull&scope=repository%3Ab%3Apull%2Cpush");
    expect(authorization).toBe(`Basic ${pair("me:pw").auth}`);
  });

  it("by nothing where the configuration has a ready one", async () => {
    configure({ registrytoken: "ready" });
    await using peer = session();
    expect(await fetchToken(peer)).toMatchObject({ code: 0, token: "ready" });
    expect(asked).toEqual([]);
  });
});

describe("a token server that does not give one is told of, never with what it was sent", () => {
  it.each<[string, () => typeof answer, RegExp]>([
    [
      "401",
      () => json(401, { errors: [{ code: "X", message: "authentication required" }] }),
      /: 401: authentication required$/,
    ],
    ["403", () => json(403, {}), /unexpected status from http:\/\/127.0.0.1:\d+\/token: 403$/],
    ["429", () => json(429, { details: "slow down" }), /: 429: slow down$/],
    ["no JSON", () => json(200, "<html>hidden</html>"), /answered without a token$/],
    [
      "nothing",
      () => (request) => request.socket.destroy(),
      /the token server 127.0.0.1:\d+: socket hang up$/,
    ],
  ])("%s", async (_name, how, message) => {
    configure(pair("me:hidden"));
    answer = how();
    await using peer = session();
    const said = await fetchToken(peer);
    expect(said.code).toBe(2);
    expect(said.message).toMatch(message);
    expect(said.message).not.toContain("hidden");
    expect(answers.map(({ outcome }) => outcome)).toEqual(["failed"]);
  });

  it("a realm that is no URL", async () => {
    configure(pair("me:pw"));
    realm = "file:///etc/passwd";
    await using peer = session();
    expect((await fetchToken(peer)).message).toMatch(/names "file:\/\/\/etc\/passwd" as its token server/);
  });
});

describe("S30 · the password goes to nobody that the daemon merely names", () => {
  it.each([
    ["plain http", "registry.example", "http://auth.registry.example/token", /it does not speak https/],
    ["this machine, for a registry that is elsewhere", "registry.example", "", /it does not speak https/],
    ["another site", "registry.invalid", "https://evil.invalid.example/token", /another site/],
    ["a site that only ends alike", "registry.co.uk", "https://evil.co.uk/token", /another site/],
  ])("%s", async (_name, host, named, why) => {
    const signal = new AbortController().signal;
    const url = new URL(named === "" ? realm : named);
    await expect(refuseForeignRealm(host, url, { environment: {}, signal })).rejects.toThrow(why);
    expect(asked).toEqual([]);
  });

  it.each([
    ["registry-1.docker.io", "https://auth.docker.io/token"],
    ["registry.gitlab.com", "https://gitlab.com/jwt/auth"],
    ["ghcr.io", "https://ghcr.io/token"],
    ["10.0.0.1:5000", "https://10.0.0.1/token"],
  ])("%s has its server at %s", async (host, named) => {
    const signal = new AbortController().signal;
    await refuseForeignRealm(host, new URL(named), { environment: {}, signal });
  });

  it("a registry of this machine may name a server elsewhere, when it does so itself", async () => {
    answer = (_request, response) =>
      response
        .writeHead(401, { "www-authenticate": 'Bearer realm="https://named.example/t",service="s"' })
        .end();
    const signal = new AbortController().signal;
    const host = new URL(realm).host;
    await refuseForeignRealm(host, new URL("https://named.example/other"), { environment: {}, signal });
    const other = refuseForeignRealm(host, new URL("https://evil.example/t"), { environment: {}, signal });
    await expect(other).rejects.toThrow(/the registry does not name it/);
  });

  it("a redirect is not followed", async () => {
    configure(pair("me:hidden"));
    answer = (_request, response) => response.writeHead(307, { location: `${realm}/elsewhere` }).end();
    await using peer = session();
    expect((await fetchToken(peer)).message).toMatch(/unexpected status from \S+: 307$/);
    expect(asked).toHaveLength(1);
  });
});

describe("who tokens are kept for", () => {
  it("is proved by a key that the same credentials make again, and others do not", async () => {
    configure(pair("me:pw"));
    await using peer = session();
    const { key } = await authority(peer);
    const payload = new TextEncoder().encode("prove it");
    const request = auth.VerifyTokenAuthorityRequest.encode({
      Host: HOST,
      Payload: payload,
      Salt: SALT,
    }).finish();
    const { reply } = await peer.unary("/moby.filesync.v1.Auth/VerifyTokenAuthority", request);
    const { Signed: signed } = auth.VerifyTokenAuthorityResponse.decode(reply ?? new Uint8Array());
    const spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
    const publicKey = createPublicKey({ key: spki, format: "der", type: "spki" });
    expect(Buffer.from(signed.subarray(64)).toString()).toBe("prove it");
    expect(verify(null, payload, publicKey, signed.subarray(0, 64))).toBe(true);
    await using again = session();
    expect((await authority(again)).key).toEqual(key);
    configure(pair("me:other"));
    expect((await authority(again)).key).not.toEqual(key);
  });

  it("is nobody without credentials, for another registry, or when the engine is to fetch them", async () => {
    configure(pair("me:pw"));
    await using peer = session();
    expect((await authority(peer, "other.example")).code).toBe(12);
    expect((await fetchToken(peer, "other.example")).code).toBe(12);
    await using told = session({ BUILDKIT_NO_CLIENT_TOKEN: "1" });
    expect((await authority(told)).code).toBe(12);
    writeFileSync(join(directory, "config.json"), "{}");
    expect((await authority(peer)).code).toBe(12);
    expect(asked).toEqual([]);
  });
});
