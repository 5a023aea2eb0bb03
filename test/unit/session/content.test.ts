import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { containerd } from "#proto";
import { contentService } from "../../../src/session/content.ts";
import { ContentStore } from "../../../src/session/content-store.ts";
import { digestInLayout, putInIndex, readIndex } from "../../../src/session/oci-index.ts";
import { type PeerStatus, SessionPeer } from "../../support/session-peer.ts";

const v1 = containerd.services.content.v1;
const METHOD = "/containerd.services.content.v1.Content/";

let directory = "";
let peer: SessionPeer;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "bktui-content-"));
  peer = new SessionPeer(
    contentService(
      new Map([
        ["oci:read", new ContentStore(directory)],
        ["local:write", new ContentStore(directory, { writable: true })],
      ]),
    ),
  );
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

function digestOf(data: Uint8Array): string {
  return `sha256:${createHash("sha256").update(data).digest("hex")}`;
}

function put(data: Uint8Array): string {
  const digest = digestOf(data);
  mkdirSync(join(directory, "blobs/sha256"), { recursive: true });
  writeFileSync(join(directory, "blobs/sha256", digest.slice(7)), data);
  return digest;
}

async function ask(
  name: string,
  request: Uint8Array,
  store = "oci:read",
): Promise<PeerStatus & { readonly messages: readonly Uint8Array[] }> {
  const call = peer.call(METHOD + name, { "buildkit-attachable-store-id": store });
  call.send(request);
  call.end();
  return { ...(await call.status), messages: call.messages };
}

async function read(digest: string, offset = 0, size = 0): Promise<Buffer> {
  const { code, message, messages } = await ask(
    "Read",
    v1.ReadContentRequest.encode({ digest, offset, size }).finish(),
  );
  expect({ code, message }).toEqual({ code: 0, message: "" });
  return Buffer.concat(messages.map((each) => v1.ReadContentResponse.decode(each).data));
}

/** Sends each request when the one before it has been answered, as BuildKit does. */
async function write(
  requests: readonly Parameters<typeof v1.WriteContentRequest.encode>[0][],
  store = "local:write",
): Promise<PeerStatus & { readonly messages: readonly Uint8Array[] }> {
  const call = peer.call(`${METHOD}Write`, { "buildkit-attachable-store-id": store });
  const rest = [...requests];
  const next = (): void => {
    const request = rest.shift();
    if (request === undefined) call.end();
    else call.send(v1.WriteContentRequest.encode(request).finish());
  };
  call.onMessage = next;
  next();
  return { ...(await call.status), messages: call.messages };
}

describe("blobs are read", () => {
  it("whole, in part and to the end", async () => {
    const data = randomBytes(1_300_000);
    const digest = put(data);
    expect((await read(digest)).equals(data)).toBe(true);
    expect((await read(digest, 700_000, 100)).equals(data.subarray(700_000, 700_100))).toBe(true);
    expect((await read(digest, 1_299_990, 500)).equals(data.subarray(1_299_990))).toBe(true);
    expect(await read(digest, 1_300_000)).toHaveLength(0);
    const { messages } = await ask("Info", v1.InfoRequest.encode({ digest }).finish());
    expect(Number(v1.InfoResponse.decode(messages[0] ?? new Uint8Array()).info?.size)).toBe(1_300_000);
    const list = await ask("List", v1.ListContentRequest.encode({}).finish());
    expect(v1.ListContentResponse.decode(list.messages[0] ?? new Uint8Array()).info).toMatchObject([
      { digest },
    ]);
  });

  it.each([
    ["what is not there", `sha256:${"0".repeat(64)}`, 5],
    ["a path", "sha256:../../../../etc/passwd", 3],
    ["no digest", "", 3],
  ])("not %s", async (_name, digest, code) => {
    expect(await ask("Info", v1.InfoRequest.encode({ digest }).finish())).toMatchObject({ code });
    expect(await ask("Read", v1.ReadContentRequest.encode({ digest }).finish())).toMatchObject({ code });
  });

  it("not of another store, nor from beyond the end", async () => {
    const digest = put(Buffer.from("x"));
    expect(await ask("Info", v1.InfoRequest.encode({ digest }).finish(), "oci:other")).toMatchObject({
      code: 5,
    });
    const beyond = v1.ReadContentRequest.encode({ digest, offset: 2 }).finish();
    expect(await ask("Read", beyond)).toMatchObject({ code: 11 });
  });
});

describe("blobs are written", () => {
  const [one, two] = [Buffer.from("hello "), Buffer.from("world")];
  const digest = digestOf(Buffer.concat([one, two]));

  it("piece by piece, and lie in their place when they are whole", async () => {
    const done = await write([
      { action: v1.WriteAction.STAT, ref: "r", expected: digest, total: 11 },
      { action: v1.WriteAction.WRITE, data: one },
      { action: v1.WriteAction.WRITE, data: two, offset: 6 },
      { action: v1.WriteAction.COMMIT, offset: 11, total: 11, expected: digest },
    ]);
    expect(done).toMatchObject({ code: 0, message: "" });
    const last = v1.WriteContentResponse.decode(done.messages.at(-1) ?? new Uint8Array());
    expect([last.digest, Number(last.offset)]).toEqual([digest, 11]);
    expect(readFileSync(join(directory, "blobs/sha256", digest.slice(7)), "utf8")).toBe("hello world");
    expect(readdirSync(join(directory, "ingest"))).toEqual([]);
    expect(await write([{ ref: "again", expected: digest }])).toMatchObject({ code: 6 });
  });

  it("not when they are others than told, and nothing of them stays", async () => {
    const wrong = `sha256:${"1".repeat(64)}`;
    const done = await write([
      { action: v1.WriteAction.WRITE, ref: "r", data: one },
      { action: v1.WriteAction.COMMIT, offset: 6, expected: wrong },
    ]);
    expect(done.code).toBe(9);
    expect(readdirSync(join(directory, "ingest"))).toEqual([]);
    expect(existsSync(join(directory, "blobs"))).toBe(false);
  });

  it("not into a layout that is only read, nor without a name", async () => {
    expect(await write([{ ref: "r", data: one }], "oci:read")).toMatchObject({ code: 7 });
    expect(await write([{ data: one }])).toMatchObject({ code: 3 });
    expect(readdirSync(directory)).toEqual([]);
  });

  it("one at a time: the second writer of a name is told to ask again, and finds it written then", async () => {
    const whole = Buffer.concat([one, two]);
    const request = { action: v1.WriteAction.WRITE, ref: "r", expected: digest, data: whole };
    const begun = () => {
      const call = peer.call(`${METHOD}Write`, { "buildkit-attachable-store-id": "local:write" });
      call.send(v1.WriteContentRequest.encode(request).finish());
      return call;
    };
    // Both at once, before either is open: whose turn comes first is not said.
    const [here, there] = [begun(), begun()];
    const ended = async (call: typeof here, left: typeof here) => ({ status: await call.status, left });
    const { status, left } = await Promise.race([ended(here, there), ended(there, here)]);
    expect(status).toMatchObject({ code: 14 });
    const commit = { action: v1.WriteAction.COMMIT, offset: 11, total: 11, expected: digest };
    left.send(v1.WriteContentRequest.encode(commit).finish());
    expect(await left.status).toMatchObject({ code: 0 });
    expect(await write([request])).toMatchObject({ code: 6 });
    expect(await write([{ ...request, expected: "" }])).toMatchObject({ code: 0 });
  });

  it("nothing stays of one that breaks off", async () => {
    const call = peer.call(`${METHOD}Write`, { "buildkit-attachable-store-id": "local:write" });
    await new Promise<void>((resolve) => {
      call.onMessage = () => resolve();
      call.send(v1.WriteContentRequest.encode({ action: 1, ref: "r", data: one }).finish());
    });
    expect(readdirSync(join(directory, "ingest"))).toHaveLength(1);
    call.stream.destroy();
    await expect.poll(() => readdirSync(join(directory, "ingest"))).toEqual([]);
  });
});

describe("the index of a layout", () => {
  const image = (name: string): { readonly digest: string; readonly size: number } => ({
    digest: digestOf(Buffer.from(name)),
    size: name.length,
  });

  it("is made, and each tag names one image", async () => {
    await putInIndex(join(directory, "new"), image("a"), "latest");
    await putInIndex(join(directory, "new"), image("b"), "v1");
    await putInIndex(join(directory, "new"), image("c"), "latest");
    expect(await digestInLayout(join(directory, "new"), "latest")).toBe(image("c").digest);
    expect(await digestInLayout(join(directory, "new"), "v1")).toBe(image("b").digest);
    expect(await readIndex(join(directory, "new"))).toHaveLength(2);
    expect(JSON.parse(readFileSync(join(directory, "new/oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
    await expect(digestInLayout(join(directory, "new"), "v2")).rejects.toMatchObject({
      code: "not-found",
      hint: "there are v1, latest: write :TAG behind the path",
    });
  });

  it("gives its only image whatever it is called", async () => {
    await putInIndex(directory, image("a"), "v1");
    expect(await digestInLayout(directory, "latest")).toBe(image("a").digest);
  });

  it("is told of where it is missing or broken", async () => {
    await expect(digestInLayout(directory, "x")).rejects.toMatchObject({
      code: "not-found",
      message: `${directory} is no OCI layout: it has no index.json`,
    });
    writeFileSync(join(directory, "index.json"), "{");
    await expect(digestInLayout(directory, "x")).rejects.toMatchObject({ code: "io" });
    await expect(putInIndex(directory, image("a"), "x")).rejects.toMatchObject({ code: "io" });
    expect(readFileSync(join(directory, "index.json"), "utf8")).toBe("{");
  });
});
