import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { moby } from "#proto";
import { authService, type CredentialsAnswer, findCredentials } from "../../../src/session/auth.ts";
import { askCredentialHelper } from "../../../src/session/credential-helper.ts";
import { SessionPeer } from "../../support/session-peer.ts";

const { CredentialsRequest, CredentialsResponse } = moby.filesync.v1;
const path = process.env["PATH"] ?? "";
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bktui-auth-"));
  mkdirSync(join(directory, "bin"));
  process.env["PATH"] = `${join(directory, "bin")}${delimiter}${path}`;
});
afterEach(() => {
  process.env["PATH"] = path;
  rmSync(directory, { recursive: true });
});

function configure(config: unknown): void {
  writeFileSync(join(directory, "config.json"), typeof config === "string" ? config : JSON.stringify(config));
}

function helper(name: string, script: string): void {
  const file = join(directory, "bin", `docker-credential-${name}`);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

function find(host: string, more: Readonly<Record<string, string>> = {}): ReturnType<typeof findCredentials> {
  return findCredentials(host, { DOCKER_CONFIG: directory, ...more });
}

function auth(user: string, password: string): { readonly auth: string } {
  return { auth: Buffer.from(`${user}:${password}`).toString("base64") };
}

describe("credentials of docker's configuration", () => {
  it("are found by host, port, URL and Docker Hub's own key", async () => {
    configure({
      auths: {
        "https://index.docker.io/v1/": auth("hub", "a:b"),
        "registry.example:5000": auth("me", "x"),
        "https://old.example/v2/": auth("old", "y"),
        "token.example": { identitytoken: "tok", ...auth("ignored", "z") },
        "stored.example": {},
        "plain.example": { username: "me", password: "x:y" },
      },
    });
    expect(await find("registry-1.docker.io")).toEqual({ username: "hub", secret: "a:b" });
    expect(await find("docker.io")).toEqual({ username: "hub", secret: "a:b" });
    expect(await find("registry.example:5000")).toEqual({ username: "me", secret: "x" });
    expect(await find("old.example")).toEqual({ username: "old", secret: "y" });
    expect(await find("token.example")).toEqual({ username: "", secret: "tok" });
    expect(await find("stored.example")).toBeUndefined();
    expect(await find("plain.example")).toEqual({ username: "me", secret: "x:y" });
    expect(await find("registry.example")).toBeUndefined();
  });

  it("come from DOCKER_AUTH_CONFIG before any file", async () => {
    configure({ auths: { "a.example": auth("file", "1"), "b.example": auth("file", "2") } });
    const variable = {
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { "a.example": auth("variable", "3") } }),
    };
    expect(await find("a.example", variable)).toEqual({ username: "variable", secret: "3" });
    expect(await find("b.example", variable)).toEqual({ username: "file", secret: "2" });
  });

  it("need no configuration at all", async () => {
    expect(await find("a.example")).toBeUndefined();
  });

  it("are none, and not shown, when the file is broken", async () => {
    const unread: string[] = [];
    const broken = async (text: string) => {
      configure(text);
      return await findCredentials("a.example", { DOCKER_CONFIG: directory }, ({ message }) =>
        unread.push(message),
      );
    };
    expect(await broken('{"auths": {"a.example": {"auth": "c2VjcmV0"')).toBeUndefined();
    expect(await broken('{\n  "auths": {,}\n}')).toBeUndefined();
    expect(unread).toEqual([
      expect.stringMatching(/config\.json is no JSON object: line 1, column 44$/),
      expect.stringMatching(/config\.json is no JSON object: line 2, column 13$/),
    ]);
  });

  it("are read of an empty file and of one with something behind them, as docker does", async () => {
    configure("\n");
    expect(await find("a.example")).toBeUndefined();
    configure(`${JSON.stringify({ auths: { "a.example": auth("m}e", "1") } })}\n}{`);
    expect(await find("a.example")).toEqual({ username: "m}e", secret: "1" });
  });

  it("come from the registry's helper, then from the general store, then from the file", async () => {
    helper("one", 'read key; printf \'{"Username":"one","Secret":"%s"}\' "$key"');
    helper(
      "all",
      'read key; case $key in known*) printf \'{"Username":"<token>","Secret":"t"}\';; *) echo "credentials not found in native keychain"; exit 1;; esac',
    );
    configure({
      credHelpers: { "one.example": "one" },
      credsStore: "all",
      auths: { "one.example": auth("file", "1"), "file.example": auth("file", "2") },
    });
    expect(await find("one.example")).toEqual({ username: "one", secret: "one.example" });
    expect(await find("known.example")).toEqual({ username: "", secret: "t" });
    expect(await find("file.example")).toEqual({ username: "file", secret: "2" });
    expect(await find("none.example")).toBeUndefined();
  });
});

describe("a credential helper", () => {
  it.each(["../../evil", "a b", "", "a/b", "x;y", "a\nb"])(
    "is not started under the name %j",
    async (name) => {
      await expect(askCredentialHelper(name, "host")).rejects.toThrow(/invalid credential helper/);
    },
  );

  it("S31 · that hangs is given up and killed, with what it has started", async () => {
    const mark = join(directory, "pid");
    helper("hang", `tail -f /dev/null & echo $! > ${mark}.new; mv ${mark}.new ${mark}; wait`);
    const asked = askCredentialHelper("hang", "host", { limitMs: 1000 });
    await expect(asked).rejects.toThrow(/did not answer within 1 s/);
    const pid = readFileSync(mark, "utf8").trim();
    const state = (): string => {
      try {
        return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "";
      } catch {
        return "gone";
      }
    };
    await expect.poll(state).toMatch(/gone|Z/);
  });

  it.each(["../../evil", "a b", "x;y", ""])("S31 · that is called %j is not started", async (name) => {
    await expect(askCredentialHelper(name, "host")).rejects.toThrow(/names an invalid credential helper/);
  });

  it("that is missing or fails is named, without its output", async () => {
    helper("bad", 'echo "secret-in-output"; exit 3');
    await expect(askCredentialHelper("bad", "host")).rejects.toThrow(
      /^the credential helper docker-credential-bad failed with exit status 3$/,
    );
    await expect(askCredentialHelper("absent", "host")).rejects.toThrow(/is not installed/);
    helper("noise", "echo secret-in-output");
    await expect(askCredentialHelper("noise", "host")).rejects.toThrow(/is no JSON$/);
  });
});

it("gives credentials only for registries of the build, and reports every question", async () => {
  configure({ auths: { "mine.example": auth("me", "pw"), "other.example": auth("me", "pw2") } });
  const answers: CredentialsAnswer[] = [];
  const passwords: string[] = [];
  await using peer = new SessionPeer(
    authService({
      environment: { DOCKER_CONFIG: directory },
      allows: (host) => host !== "other.example",
      onAnswer: (answer) => answers.push(answer),
      onPassword: (host, password) => passwords.push(`${host} ${password}`),
    }),
  );
  const ask = async (host: string): Promise<unknown> => {
    const { code, reply } = await peer.unary(
      "/moby.filesync.v1.Auth/Credentials",
      CredentialsRequest.encode({ Host: host }).finish(),
    );
    const { Username, Secret } = CredentialsResponse.decode(reply ?? new Uint8Array());
    return { code, Username: Username ?? "", Secret: Secret ?? "" };
  };
  expect(await ask("mine.example")).toEqual({ code: 0, Username: "me", Secret: "pw" });
  expect(await ask("other.example")).toEqual({ code: 0, Username: "", Secret: "" });
  expect(await ask("anonymous.example")).toEqual({ code: 0, Username: "", Secret: "" });
  expect(answers.map(({ outcome }) => outcome)).toEqual(["given", "refused", "none"]);
  expect(passwords).toEqual(["mine.example pw"]);
});

it("a helper that fails is told of where the registry is asked for", async () => {
  configure({ credHelpers: { "mine.example": "noise" } });
  helper("noise", "echo secret-in-output");
  const answers: CredentialsAnswer[] = [];
  await using peer = new SessionPeer(
    authService({
      environment: { DOCKER_CONFIG: directory },
      allows: () => true,
      onAnswer: (answer) => answers.push(answer),
    }),
  );
  const { code, message } = await peer.unary(
    "/moby.filesync.v1.Auth/Credentials",
    CredentialsRequest.encode({ Host: "mine.example" }).finish(),
  );
  expect(code).toBe(2);
  expect(message).toBe("the credential helper docker-credential-noise gave an answer that is no JSON");
  expect(answers).toMatchObject([{ host: "mine.example", outcome: "failed", error: { message } }]);
});
