import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DirectoryReceiver, FileSendService } from "../../../src/session/receive/file-send.ts";
import { temporaryName } from "../../../src/session/receive/temporary-names.ts";
import { SessionPeer } from "../../support/session-peer.ts";
import { MODE, type SentEntry, TreeSender } from "../../support/tree-sender.ts";

const HAS_SETFATTR = spawnSync("setfattr", ["--version"]).status === 0;

let root = "";
let out = "";
let service: FileSendService;
let peer: SessionPeer;
let receiver: DirectoryReceiver;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bktui-received-"));
  out = join(root, "out");
  writeFileSync(join(root, "victim"), "untouched");
  service = new FileSendService();
  peer = new SessionPeer(service);
  expectTree();
});
afterEach(async () => {
  await peer[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

function expectTree({ mirror = false } = {}): void {
  receiver = new DirectoryReceiver(out, { mirror });
  service.expect([receiver]);
}

/** All that is there now, sorted: the victim outside of the destination with it. */
function everything(directory = root, prefix = ""): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .flatMap((entry) => {
      const path = `${prefix}${entry.name}`;
      return entry.isDirectory() ? [path, ...everything(join(directory, entry.name), `${path}/`)] : [path];
    })
    .sort();
}

async function sent(...entries: readonly SentEntry[]): Promise<void> {
  const sender = new TreeSender(peer);
  sender.announce(...entries).endOfEntries();
  expect(await sender.end()).toEqual({ code: 0, message: "" });
  receiver.commit();
}

describe("a received tree", () => {
  it("has files, directories, links, pipes, modes and times as they were sent, and belongs to the user", async () => {
    await sent(
      { path: "dir", mode: 2 ** 31 + 2 ** 20 + 0o555, mtime: 1000 },
      { path: "dir/a", text: "aaa", mode: 0o640, mtime: 2000 },
      { path: "dir/b", linkname: "dir/a" },
      { path: "dir-x", text: "x" },
      { path: "empty", mtime: 3000 },
      { path: "link", mode: MODE.link, linkname: "/etc/passwd", mtime: 4000 },
      { path: "pipe", mode: MODE.pipe, mtime: 5000 },
      { path: "su", mode: MODE.setuid, text: "su" },
    );
    expect(everything(out)).toEqual(["dir", "dir-x", "dir/a", "dir/b", "empty", "link", "pipe", "su"]);
    expect(readFileSync(join(out, "dir/b"), "utf8")).toBe("aaa");
    expect(statSync(join(out, "dir/b")).ino).toBe(statSync(join(out, "dir/a")).ino);
    expect(readlinkSync(join(out, "link"))).toBe("/etc/passwd");
    const of = (path: string): readonly unknown[] => {
      const { mode, mtimeMs, uid } = lstatSync(join(out, path));
      return [(mode & 0o7777).toString(8), mtimeMs / 1000, uid];
    };
    const own = process.getuid?.();
    expect(of("dir")).toEqual(["1555", 1000, own]);
    expect(of("dir/a")).toEqual(["640", 2000, own]);
    expect(of("empty")).toEqual(["644", 3000, own]);
    expect(of("link")).toEqual(["777", 4000, own]);
    expect(of("pipe")).toEqual(["600", 5000, own]);
    expect(of("su")).toEqual(["4755", 1, own]);
    expect(lstatSync(join(out, "pipe")).isFIFO()).toBe(true);
    expect((statSync(out).mode & 0o777).toString(8)).toBe("700");
  });

  it.runIf(HAS_SETFATTR)("has extended attributes where setfattr (package attr) is installed", async () => {
    const xattrs = { "user.bktui": Buffer.from([0, 1, 255]), "user.two": Buffer.from("2") };
    await sent(
      { path: "d é", mode: MODE.directory, xattrs },
      { path: "d é/a \\\n=b", text: "a", mode: 0o444, xattrs },
      { path: "link", mode: MODE.link, linkname: "/etc/passwd", xattrs: { "user.never": Buffer.from("x") } },
    );
    const of = (path: string): string =>
      execFileSync("getfattr", ["--absolute-names", "-d", "-e", "hex", path], { cwd: out, encoding: "utf8" });
    for (const path of ["d é", "d é/a \\\n=b"])
      expect(of(path).split("\n").slice(1, 3)).toEqual(["user.bktui=0x0001ff", "user.two=0x32"]);
    expect(readFileSync(join(out, "d é/a \\\n=b"), "utf8")).toBe("a");
  });

  it("joins what is there: directories are kept, files and links replaced, the rest stays", async () => {
    mkdirSync(join(out, "dir/kept"), { recursive: true });
    mkdirSync(join(out, "was-directory/full"), { recursive: true });
    for (const name of ["dir/old", "file", "was-file"]) writeFileSync(join(out, name), "old");
    symlinkSync("../victim", join(out, "was-link"));
    await sent(
      { path: "dir", mode: MODE.directory },
      { path: "dir/new", text: "new" },
      { path: "file", text: "new" },
      { path: "was-directory", text: "new" },
      { path: "was-file", mode: MODE.directory },
      { path: "was-file/inner", text: "new" },
      { path: "was-link", text: "new" },
    );
    expect(everything(out)).toEqual([
      "dir",
      "dir/kept",
      "dir/new",
      "dir/old",
      "file",
      "was-directory",
      "was-file",
      "was-file/inner",
      "was-link",
    ]);
    for (const name of ["file", "was-directory", "was-link"])
      expect(readFileSync(join(out, name), "utf8")).toBe("new");
    expect(readFileSync(join(root, "victim"), "utf8")).toBe("untouched");
  });

  it("with mode=delete has nothing beside it", async () => {
    mkdirSync(join(out, "dir/gone"), { recursive: true });
    writeFileSync(join(out, "old"), "old");
    symlinkSync(root, join(out, "way-out"));
    expectTree({ mirror: true });
    const headers = { "buildkit-attachable-exporter-id": "0", "buildkit-exporter-multi-platform": "1" };
    const sender = new TreeSender(peer, { headers });
    sender.announce({ path: "dir", mode: MODE.directory }, { path: "dir/new", text: "new" }).endOfEntries();
    expect((await sender.end()).code).toBe(0);
    receiver.commit();
    expect(everything()).toEqual(["out", "out/dir", "out/dir/new", "victim"]);
  });

  it("is whole when the engine drops the call as soon as it is told so (BuildKit 0.8)", async () => {
    const sender = new TreeSender(peer).announce({ path: "a", text: "aaa" }).endOfEntries();
    await sender.finished;
    sender.call.stream.close(8);
    await sender.call.status.catch(() => undefined);
    await new Promise(setImmediate);
    receiver.commit();
    expect(everything(out)).toEqual(["a"]);
  });

  it("arrives in pieces, several files at once", async () => {
    const names = Array.from({ length: 40 }, (_, index) => `f${String(index).padStart(2, "0")}`);
    const sender = new TreeSender(peer, { answers: false });
    sender.announce(...names.map((path) => ({ path, size: 6 }))).endOfEntries();
    for (let done = 0; done < names.length; ) {
      await new Promise(setImmediate);
      for (const id of sender.asked.splice(0).reverse()) {
        for (const piece of ["on", "et", "wo", ""]) sender.data(id, piece);
        done += 1;
      }
    }
    expect((await sender.end()).code).toBe(0);
    receiver.commit();
    expect(names.map((name) => readFileSync(join(out, name), "utf8"))).toEqual(names.map(() => "onetwo"));
  });
});

const DIRECTORY: SentEntry = { path: "d", mode: MODE.directory };
const AFTER_LINK: SentEntry = { path: "link", mode: MODE.link, linkname: ".." };

describe("what an engine may not send", () => {
  it.each<[string, readonly SentEntry[]]>([
    ["the directory above", [{ path: "..", text: "evil" }]],
    ["a file beside the destination", [{ path: "../victim", text: "evil" }]],
    ["a name that goes up", [DIRECTORY, { path: "d/../../victim", text: "evil" }]],
    ["a last name that goes up", [DIRECTORY, { path: "d/..", text: "evil" }]],
    ["an absolute name", [{ path: "/tmp/victim", text: "evil" }]],
    ["the root", [{ path: "/", mode: MODE.directory }]],
    ["no name", [{ path: "", text: "evil" }]],
    ["the directory itself", [{ path: ".", mode: MODE.directory }]],
    ["a name in two ways", [{ path: "./a", text: "evil" }]],
    ["an empty part", [DIRECTORY, { path: "d//a", text: "evil" }]],
    ["a slash at the end", [{ path: "d/", mode: MODE.directory }]],
    ["a NUL", [{ path: "a\0b", text: "evil" }]],
    ["a file below a link", [AFTER_LINK, { path: "link/victim", text: "evil" }]],
    ["a directory below a link", [AFTER_LINK, { path: "link/d", mode: MODE.directory }]],
    [
      "a file below a file",
      [
        { path: "a", text: "a" },
        { path: "a/b", text: "evil" },
      ],
    ],
    ["a file of a directory that was not announced", [{ path: "nowhere/a", text: "evil" }]],
    ["a link that becomes a directory", [AFTER_LINK, { path: "link", mode: MODE.directory }]],
    [
      "the same name twice",
      [
        { path: "a", text: "a" },
        { path: "a", text: "evil" },
      ],
    ],
    ["names out of order", [{ path: "b" }, { path: "a" }]],
    ["another name of a file outside", [{ path: "a", linkname: "../victim" }]],
    ["another name of an absolute file", [{ path: "a", linkname: "/etc/passwd" }]],
    ["another name of a link", [AFTER_LINK, { path: "m", linkname: "link" }]],
    ["another name of itself", [{ path: "a", linkname: "a" }]],
    ["a block device", [{ path: "sda", mode: MODE.device }]],
    ["a character device", [{ path: "mem", mode: MODE.charDevice }]],
    ["a socket", [{ path: "s", mode: MODE.socket }]],
    ["a kind that nobody knows", [{ path: "x", mode: MODE.irregular }]],
    ["a negative size", [{ path: "a", size: -1 }]],
    ["an impossible size", [{ path: "a", size: 2 ** 62 }]],
    ["less than was announced", [{ path: "a", text: "short", size: 6 }]],
    ["more than was announced", [{ path: "a", text: "longer", size: 3 }]],
  ])("S20 · %s is refused, and nothing is written", async (_, entries) => {
    const before = everything();
    const sender = new TreeSender(peer);
    sender.announce({ path: "0-harmless", text: "harmless" }, ...entries).endOfEntries();
    const { code, message } = await sender.end();
    expect(code).toBe(2);
    expect(sender.complaint).toBe(message);
    await receiver[Symbol.asyncDispose]();
    expect(receiver.problem?.message).toBe(message);
    expect(everything()).toEqual(before);
    expect(readFileSync(join(root, "victim"), "utf8")).toBe("untouched");
  });

  it.each<[string, (sender: TreeSender) => void]>([
    ["content that it was not asked for", (sender) => sender.data(7, "evil")],
    ["content twice", (sender) => void ["aaa", "", "aaa"].map((text) => sender.data(0, text))],
    ["the content of a directory", (sender) => sender.data(1, "evil")],
    ["an entry after the end", (sender) => sender.endOfEntries().announce({ path: "z" })],
    ["a request", (sender) => sender.send({ type: 1, ID: 0 })],
    ["its own failure", (sender) => sender.send({ type: 4, data: Buffer.from("disk on fire") })],
    ["an early end", (sender) => sender.endOfEntries().call.end()],
  ])("S20 · %s ends the transfer, and nothing is written", async (_, misbehave) => {
    const sender = new TreeSender(peer, { answers: false });
    sender.announce({ path: "a", size: 3 }, DIRECTORY);
    misbehave(sender);
    expect((await sender.call.status).code).toBe(2);
    await receiver[Symbol.asyncDispose]();
    expect(everything()).toEqual(["victim"]);
  });

  it.each<[string, (sender: TreeSender) => Promise<unknown>]>([
    ["refused", async (sender) => await sender.announce({ path: "..", text: "evil" }).endOfEntries().end()],
    ["only begun", async (sender) => await new Promise(setImmediate).then(() => sender.announce(DIRECTORY))],
  ])(
    "S20 · what was %s is not put in its place, though the engine says that all is well",
    async (_, send) => {
      const sender = new TreeSender(peer).announce({ path: "0", text: "harmless" });
      await send(sender);
      while (!existsSync(out)) await new Promise(setImmediate);
      expect(() => receiver.commit()).toThrow(/goes up|no name of a file|not sent all/);
      await receiver[Symbol.asyncDispose]();
      expect(everything()).toEqual(["victim"]);
    },
  );

  it("S20 · nothing is taken that no output is expected for, nor in another one's place", async () => {
    using _none = service.expect([undefined]);
    for (const id of ["0", "1", "-1", "99999999999", "x"]) {
      const sender = new TreeSender(peer, { headers: { "buildkit-attachable-exporter-id": id } });
      sender.announce({ path: "a", text: "evil" }).endOfEntries();
      expect(await sender.call.status).toEqual({
        code: 7,
        message: "no output of this kind is expected now",
      });
    }
    expect(everything()).toEqual(["victim"]);
  });

  it("S20 · a link in the destination leads nowhere", async () => {
    mkdirSync(out);
    symlinkSync("..", join(out, "d"));
    symlinkSync("../victim", join(out, "f"));
    await sent(DIRECTORY, { path: "d/victim", text: "evil" }, { path: "f", text: "evil" });
    expect(everything()).toEqual(["out", "out/d", "out/d/victim", "out/f", "victim"]);
    expect(readFileSync(join(root, "victim"), "utf8")).toBe("untouched");
  });
});

describe("a transfer that does not come to its end", () => {
  async function half(): Promise<TreeSender> {
    const sender = new TreeSender(peer, { answers: false });
    sender.announce(DIRECTORY, { path: "d/big", size: 1000 });
    while (sender.asked.length === 0) await new Promise(setImmediate);
    sender.data(1, "some");
    while (!existsSync(out)) await new Promise(setImmediate);
    return sender;
  }

  it("S23 · leaves nothing when the connection is lost, not even the directories that were made for it", async () => {
    out = join(root, "made/for/it");
    expectTree();
    await half();
    peer.client.destroy();
    await peer.served[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    expect(everything()).toEqual(["victim"]);
  });

  it("S23 · leaves what was there when it is given up, and a daemon that goes on sending gets nothing done", async () => {
    mkdirSync(out);
    writeFileSync(join(out, "old"), "old");
    const sender = await half();
    await receiver[Symbol.asyncDispose]();
    expect(everything()).toEqual(["out", "out/old", "victim"]);
    sender.announce({ path: "e", mode: MODE.directory }, { path: "f", text: "late" });
    expect((await sender.call.status).code).toBe(2);
    expect(everything()).toEqual(["out", "out/old", "victim"]);
    const again = new TreeSender(peer);
    again.announce({ path: "a" });
    expect((await again.call.status).code).toBe(7);
  });

  it("S24 · what a killed bktui left is removed by the next one, what belongs to a living one is not", async () => {
    const child = spawn("sleep", ["100"]);
    await once(child, "spawn");
    const nameOf = (pid: number | undefined): string =>
      temporaryName().replace(`-${process.pid}-`, `-${pid}-`);
    const [dead, living] = [nameOf(child.pid), temporaryName()];
    child.kill("SIGKILL");
    await once(child, "exit");
    for (const name of [dead, living]) {
      mkdirSync(join(out, name, "d"), { recursive: true });
      writeFileSync(join(out, name, "d/f"), "half");
    }
    await sent({ path: "a", text: "a" });
    expect(readdirSync(out).sort()).toEqual([living, "a"].sort());
  });

  it("says why, where no directory can be", async () => {
    out = join(root, "victim/out");
    expectTree();
    expect((await new TreeSender(peer).call.status).message).toMatch(
      /^cannot write to .*victim\/out: ENOTDIR/,
    );
  });
});
