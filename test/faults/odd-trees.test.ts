/** What a context may hold besides plain files: it arrives as docker's own client sends it. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { dockerBuild } from "../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { hostileText } from "../support/hostile-text.ts";
import { run, runBktui } from "../support/program.ts";

/** Type, mode, size, links, device, time and name of each entry, then content and link targets; safe as lines. */
const LIST = [
  "cd /x",
  // BuildKit 0.8 gives directories the time of the build.
  "find . -type d -print0 | sort -z | xargs -0 -n 1 stat -c '%A %a %u %g %h <%n>' >/list",
  "find . ! -type d -print0 | sort -z | xargs -0 -n 1 stat -c '%A %a %u %g %s %h %t:%T %Y <%n>' >>/list",
  "find . -type f -print0 | sort -z | xargs -0 md5sum >>/list",
  "find . -type l -print0 | sort -z | xargs -0 -r -n 1 readlink >>/list",
  "echo LIST; base64 -w 0 /list | fold -w 500; echo; echo END",
].join(" && ");
const DOCKERFILE = `FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "--install", "-s", "/bin"]
COPY tree /x
RUN ${LIST}
`;

/** The listing that a step printed, from the plain progress of either client. */
function listingIn(progress: string): string {
  const printed = [...progress.matchAll(/^#\d+ [\d.]+ (.*)$/gm)].map(([, text = ""]) => text);
  const lines = printed.slice(printed.lastIndexOf("LIST") + 1, printed.lastIndexOf("END"));
  return Buffer.from(lines.join(""), "base64").toString("latin1");
}

async function makeSpecialFiles(tree: string): Promise<void> {
  const at = (name: string): string => join(tree, name);
  mkdirSync(at("sticky"));
  chmodSync(at("sticky"), 0o1777);
  for (const [name, mode] of [
    ["setuid", 0o4755],
    ["setgid", 0o2750],
    ["unwritable", 0o444],
  ] as const) {
    writeFileSync(at(name), name);
    chmodSync(at(name), mode);
  }
  linkSync(at("setuid"), at("sticky/hard"));
  symlinkSync("../setuid", at("sticky/link"));
  symlinkSync("/no/where", at("broken"));
  writeFileSync(at("sparse"), "begin");
  truncateSync(at("sparse"), 20_000_000);
  await run("mkfifo", ["-m", "640", at("fifo")]);
  if (process.getuid?.() !== 0) return;
  await run("mknod", ["-m", "600", at("char"), "c", "1", "300"]);
  await run("mknod", [at("block"), "b", "259", "70000"]);
}

/** Cuts, lengthens, replaces and removes files one after the other, until the signal. */
async function changeAll(paths: readonly string[], signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    const path = paths[round % paths.length] ?? "";
    const change = round % 5;
    if (change === 0) rmSync(path, { force: true });
    else if (change === 1) appendFileSync(path, "more");
    else if (change === 2) writeFileSync(path, "");
    else if (change === 3) replace(path, paths[(round + 7) % paths.length] ?? "");
    else writeFileSync(path, "y".repeat(200_000));
    // Gives way to the program's output.
    await setImmediate();
  }
}

function replace(path: string, by: string): void {
  if (existsSync(by)) renameSync(by, path);
}

function makeOddNames(tree: string): void {
  const bad = hostileText.slice(0, 60).replaceAll(/[\0/]/g, "_");
  const names = [
    "new\nline",
    " blanks ",
    "back\\slash",
    "-rf",
    "\u00e9",
    "e\u0301",
    "*?[a]",
    "!x",
    "#y",
    bad,
  ];
  for (const name of names) writeFileSync(join(tree, name), name);
}

forEachEngine((engine) => {
  test.each([
    ["R18 · special files", makeSpecialFiles],
    ["R19 · odd names", makeOddNames],
  ] as const)("%s: the tree is that of docker's own build", async (_, make) => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    const tree = join(context.path, "tree");
    mkdirSync(tree);
    await make(tree);
    const docker = await dockerBuild(engine, ["--no-cache", "--progress=plain", context.path]);
    const own = await runBktui(["--run", "--no-cache", context.path], { engine });
    expect(own.exitCode, own.stderr).toBe(0);
    const listing = listingIn(own.stderr);
    expect(listing.split("\n").length).toBeGreaterThan(15);
    expect(listing).toBe(listingIn(docker.stderr));
  });

  test("R16 · files that change all the time: the build ends, and says which it could not send", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: "FROM scratch\nCOPY tree /x\n" } });
    const tree = join(context.path, "tree");
    mkdirSync(tree);
    const paths = Array.from({ length: 400 }, (_, index) => join(tree, `file-${index}`));
    for (const path of paths) writeFileSync(path, "x".repeat(100_000));
    const built = new AbortController();
    const changing = changeAll(paths, built.signal);
    const { exitCode, stderr } = await runBktui(["--run", context.path], { engine });
    built.abort();
    await changing;
    // Each in its place: nothing that is not announced was sent, so the engine itself has nothing to say.
    expect(
      exitCode === 0 || /context file "tree\/file-\d+" (?:became|vanished|was replaced)/.test(stderr),
      stderr,
    ).toBe(true);
  });

  test("R18 · a socket is sent as docker sends it", async () => {
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE, "tree/file": "x" } });
    const socket = createServer();
    await new Promise<void>((resolve) => socket.listen(join(context.path, "tree/socket"), resolve));
    const docker = await dockerBuild(engine, ["--no-cache", "--progress=plain", context.path]);
    const own = await runBktui(["--run", "--no-cache", context.path], { engine });
    await new Promise((resolve) => socket.close(resolve));
    expect(listingIn(own.stderr)).toMatch(/<\.\/socket>/);
    expect(listingIn(own.stderr)).toBe(listingIn(docker.stderr));
  });
});
