import { execFileSync } from "node:child_process";
import {
  chmodSync,
  createReadStream,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { moby } from "#proto";
import { FileSendService, StreamReceiver } from "../../../src/session/receive/file-send.ts";
import { openFileSink, StreamSink } from "../../../src/session/receive/received-file.ts";
import { temporaryName } from "../../../src/session/receive/temporary-names.ts";
import { type PeerCall, SessionPeer } from "../../support/session-peer.ts";
import { FILE_SEND } from "../../support/tree-sender.ts";

const { BytesMessage } = moby.filesync.v1;
let root = "";
let file = "";
let service: FileSendService;
let peer: SessionPeer;
let receiver: StreamReceiver;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bktui-received-"));
  file = join(root, "out.tar");
  service = new FileSendService();
  peer = new SessionPeer(service);
  expectFile(file);
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

function expectFile(path: string): void {
  receiver = new StreamReceiver(path, () => openFileSink(path));
  service.expect([receiver]);
}

function send(...chunks: readonly string[]): PeerCall {
  // BuildKit before 0.13 does not say which exporter it is.
  const call = peer.call(FILE_SEND);
  for (const chunk of chunks) call.send(BytesMessage.encode({ data: Buffer.from(chunk) }).finish());
  return call;
}

async function sent(...chunks: readonly string[]): Promise<void> {
  const call = send(...chunks);
  call.end();
  expect(await call.status).toEqual({ code: 0, message: "" });
  receiver.commit();
  await receiver[Symbol.asyncDispose]();
}

describe("a received file", () => {
  it("is made with the directories on its way, with docker's mode", async () => {
    file = join(root, "made/for/it/out.tar");
    expectFile(file);
    await sent("one", "", "two");
    expect(readFileSync(file, "utf8")).toBe("onetwo");
    const umask = process.umask();
    expect(statSync(file).mode & 0o777).toBe(0o666 & ~umask);
    expect(statSync(join(root, "made")).mode & 0o777).toBe(0o755 & ~umask);
    expect(readdirSync(join(root, "made/for/it"))).toEqual(["out.tar"]);
  });

  it("takes the place of one that is there, and its mode", async () => {
    writeFileSync(file, "old and longer", { mode: 0o600 });
    chmodSync(file, 0o640);
    await sent("new");
    expect(readFileSync(file, "utf8")).toBe("new");
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it("S21 · goes where the user's own link leads, and the link stays", async () => {
    mkdirSync(join(root, "elsewhere"));
    writeFileSync(join(root, "elsewhere/real.tar"), "old");
    symlinkSync("elsewhere/real.tar", file);
    const victim = join(root, "victim");
    linkSync(join(root, "elsewhere/real.tar"), victim);
    await sent("new");
    expect(readFileSync(join(root, "elsewhere/real.tar"), "utf8")).toBe("new");
    expect(readdirSync(root).sort()).toEqual(["elsewhere", "out.tar", "victim"]);
    expect(readdirSync(join(root, "elsewhere"))).toEqual(["real.tar"]);
    // Another name of the same file is not written through.
    expect(readFileSync(victim, "utf8")).toBe("old");
  });

  it("is written as it comes to a pipe", async () => {
    execFileSync("mkfifo", [file]);
    const read = text(createReadStream(file));
    await sent("one", "two");
    expect(await read).toBe("onetwo");
  });

  it("may be standard output, which stays open", async () => {
    const stream = new PassThrough();
    const read = text(stream);
    receiver = new StreamReceiver(
      "standard output",
      async () => new StreamSink(stream, { where: "-", ends: false }),
    );
    service.expect([receiver]);
    await sent("one", "two");
    stream.end(" and what others say");
    expect(await read).toBe("onetwo and what others say");
  });

  it("R29 · whose reader has gone ends the transfer with that", async () => {
    const stream = new PassThrough();
    receiver = new StreamReceiver(
      "standard output",
      async () => new StreamSink(stream, { where: "-", ends: false }),
    );
    service.expect([receiver]);
    const call = send("one");
    await receiver_("one");
    stream.destroy();
    call.send(BytesMessage.encode({ data: Buffer.from("two") }).finish());
    expect((await call.status).message).toContain("cannot write -: ");
    async function receiver_(what: string): Promise<void> {
      for await (const chunk of stream) if (String(chunk) === what) return;
    }
  });
});

describe("a file that does not come to its end", () => {
  async function half(): Promise<PeerCall> {
    const call = send("half");
    while (receiver.bytes === 0) await new Promise(setImmediate);
    return call;
  }

  it("S23 · leaves what was there when the connection is lost", async () => {
    writeFileSync(file, "old");
    await half();
    peer.client.destroy();
    await peer.served[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    expect(readFileSync(file, "utf8")).toBe("old");
    expect(readdirSync(root)).toEqual(["out.tar"]);
  });

  it("S23 · leaves nothing when the build fails behind it", async () => {
    const call = await half();
    call.end();
    expect((await call.status).code).toBe(0);
    await receiver[Symbol.asyncDispose]();
    expect(readdirSync(root)).toEqual([]);
  });

  it("S23 · on a full disk leaves nothing and says so", async () => {
    file = "/dev/full";
    expectFile(file);
    const call = send("x".repeat(100_000));
    call.end();
    expect((await call.status).message).toBe("cannot write /dev/full: no space left on the device");
    expect(receiver.problem?.message).toContain("no space left");
  });

  it("S24 · of a killed bktui is removed by the next one", async () => {
    const gone = temporaryName().replace(`-${process.pid}-`, "-4194305-");
    writeFileSync(join(root, gone), "half");
    await sent("whole");
    expect(readdirSync(root)).toEqual(["out.tar"]);
  });

  it("S20 · is sent once", async () => {
    await half();
    const again = send("evil");
    again.end();
    expect((await again.status).code).toBe(7);
  });

  it.each([
    ["a directory", (path: string) => mkdirSync(path), /is a directory$/],
    ["below a file", (path: string) => writeFileSync(join(path, ".."), "", { flag: "a" }), /cannot write/],
  ])("is refused where there is %s", async (what, prepare, message) => {
    const path = what === "below a file" ? join(root, "file", "out.tar") : file;
    if (what === "below a file") writeFileSync(join(root, "file"), "old");
    else prepare(path);
    expectFile(path);
    expect((await send("x").status).message).toMatch(message);
    expect(existsSync(join(root, "file"))).toBe(what === "below a file");
  });
});
