import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { moby } from "#proto";
import { limits } from "../../../src/base/limits.ts";
import { SecretMask } from "../../../src/session/secret-mask.ts";
import { knowSecrets, secretsService, seekSecrets } from "../../../src/session/secrets.ts";
import { SessionPeer } from "../../support/session-peer.ts";

const { GetSecretRequest, GetSecretResponse } = moby.buildkit.secrets.v1;
const environment: Record<string, string> = { TOKEN: "from-env", HOME: "/home/me" };
let directory = "";
let peer: SessionPeer;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bktui-secrets-"));
  writeFileSync(join(directory, "npmrc"), Buffer.from([0, 255, 10]));
  peer = new SessionPeer(
    secretsService(
      [
        { id: "file", from: { kind: "file", path: join(directory, "npmrc") } },
        { id: "env", from: { kind: "env", name: "TOKEN" } },
        { id: "unset", from: { kind: "env", name: "NOT_SET" } },
        { id: "gone", from: { kind: "file", path: join(directory, "gone") } },
      ],
      environment,
    ),
  );
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

async function get(id: string): Promise<{ code: number; message: string; value: string }> {
  const request = GetSecretRequest.encode({ ID: id }).finish();
  const { code, message, reply } = await peer.unary("/moby.buildkit.secrets.v1.Secrets/GetSecret", request);
  const data = reply === undefined ? undefined : GetSecretResponse.decode(reply).data;
  return { code, message, value: Buffer.from(data ?? []).toString("latin1") };
}

it("sends files byte for byte and variables, as they are when asked; one that is not set is empty", async () => {
  expect(await get("file")).toMatchObject({ code: 0, value: "\u0000\u00ff\n" });
  expect(await get("env")).toMatchObject({ code: 0, value: "from-env" });
  expect(await get("unset")).toMatchObject({ code: 0, value: "" });
  writeFileSync(join(directory, "npmrc"), "changed");
  expect(await get("file")).toMatchObject({ value: "changed" });
});

it.each(["other", "", "HOME", "TOKEN", "../../etc/passwd", "/etc/passwd", "__proto__"])(
  "S25 · has no secret %j",
  async (id) => {
    expect(await get(id)).toMatchObject({ code: 5, value: "" });
  },
);

it("says which secret file cannot be read", async () => {
  expect(await get("gone")).toMatchObject({
    code: 2,
    message: expect.stringMatching(/secret gone: .*gone.*ENOENT/),
  });
});

it("refuses secrets over BuildKit's limit", async () => {
  writeFileSync(join(directory, "npmrc"), Buffer.alloc(limits.secretBytes + 1));
  expect(await get("file")).toMatchObject({ code: 8, message: expect.stringContaining("500 KiB") });
  writeFileSync(join(directory, "npmrc"), Buffer.alloc(limits.secretBytes));
  expect(await get("file")).toMatchObject({ code: 0 });
});

it("S26 · values are looked for that no step has asked for, unless they come from a pipe", async () => {
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  writeFileSync(join(directory, "npmrc"), "value-of-a-file-1");
  const mask = new SecretMask();
  const origins = [
    { id: "file", from: { kind: "file", path: join(directory, "npmrc") } },
    { id: "env", from: { kind: "env", name: "TOKEN" } },
    { id: "short", from: { kind: "env", name: "SHORT" } },
    { id: "piped", from: { kind: "file", path: pipe } },
    { id: "gone", from: { kind: "file", path: join(directory, "gone") } },
  ] as const;
  const unsought = await seekSecrets(origins, { TOKEN: "from-env-1", SHORT: "ab" }, mask);
  expect(unsought).toEqual(["secret short", "secret piped", "secret gone"]);
  expect(mask.sought.in("value-of-a-file-1 from-env-1")).toEqual(["secret file", "secret env"]);
  expect(mask.text("value-of-a-file-1")).toBe("value-of-a-file-1");
  // What was handed out is known already.
  mask.add(Buffer.from("what-came-through-it"), "secret piped");
  expect(await seekSecrets(origins, {}, mask)).toEqual(["secret short", "secret gone"]);
});

it("knows the values of a build from its beginning, as far as they can be read without taking them away", async () => {
  const pipe = join(directory, "pipe");
  execFileSync("mkfifo", [pipe]);
  writeFileSync(join(directory, "token"), "written down");
  const mask = new SecretMask();
  const origins = [
    { id: "token", from: { kind: "file" as const, path: join(directory, "token") } },
    { id: "env", from: { kind: "env" as const, name: "TOKEN" } },
    { id: "pipe", from: { kind: "file" as const, path: pipe } },
    { id: "gone", from: { kind: "file" as const, path: join(directory, "gone") } },
  ];
  await knowSecrets(origins, { TOKEN: "from-env" }, mask);
  expect(mask.text("a written down, a from-env")).toBe("a ***, a ***");
});
