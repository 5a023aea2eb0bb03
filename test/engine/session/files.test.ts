import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, renameSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fsutil } from "#proto";
import { type FileSyncService, fileSyncService, sharedKeyOf } from "../../../src/session/files/file-sync.ts";
import { busyboxContext, forEachEngine, type TestContext } from "../../support/engines.ts";
import { openSessionBuild, watched } from "../../support/session-build.ts";
import type { TestEngine } from "../../support/test-engine.ts";

const { Packet } = fsutil.types;
const MiB = 1024 * 1024;
const withShell = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

function filesOf(context: TestContext): FileSyncService {
  return fileSyncService({ context: context.path, dockerfile: join(context.path, "Dockerfile") });
}

/** Runs one build on a session of its own; resolves with its output. */
async function build(
  engine: TestEngine,
  context: TestContext,
  service = filesOf(context),
  onPacket: (packet: ReturnType<typeof Packet.decode>, source: string) => void = () => undefined,
): Promise<string> {
  const watching = watched(service, (message, call) =>
    onPacket(Packet.decode(message), call.metadata.get("dir-name")?.[0] ?? ""),
  );
  await using session = await openSessionBuild(engine, [watching], sharedKeyOf(context.path));
  return await session.run();
}

forEachEngine((engine) => {
  it("transfers a tree so that the build sees what is on disk", async () => {
    const look = `cd /src/t && find . | sort | while IFS= read -r f; do stat -c '%A %s %Y %n' "$f"; done`;
    await using context = await busyboxContext({
      files: {
        Dockerfile: `${withShell}COPY . /src\nRUN ${look}\nRUN cd /src/t && cat link hard && stat -c %h hard\n`,
        ".dockerignore": "t/ignored*\n!t/ignored-not\n",
        "t/file": "content\n",
        "t/dir/deep/x": "",
        "t/ignored": "",
        "t/ignored-not": "",
        "t/ \\e\u0301é": "",
      },
    });
    const at = (path: string): string => join(context.path, "t", path);
    linkSync(at("file"), at("hard"));
    symlinkSync("file", at("link"));
    chmodSync(at("file"), 0o4750);
    execFileSync("mkfifo", [at("fifo")]);
    utimesSync(at("file"), 1, 1_234_567_890);

    const output = await build(engine, context);

    expect(output).toContain("-rwsr-x--- 8 1234567890 ./file");
    expect(output).toContain("-rwsr-x--- 8 1234567890 ./hard");
    expect(output).toMatch(/lrwxrwxrwx 4 \d+ \.\/link/);
    expect(output).toMatch(/-rw-r--r-- 0 \d+ \.\/dir\/deep\/x/);
    expect(output).toContain("./ \\e\u0301é\n");
    expect(output).toContain("./ignored-not");
    expect(output).not.toMatch(/\.\/ignored$/m);
    expect(output).toContain("content\ncontent\n2\n");
  });

  it("R19 · brings a name that is not UTF-8 byte for byte, or says that the engine does not take it", async () => {
    await using context = await busyboxContext({
      files: {
        Dockerfile: `${withShell}COPY odd /odd\nRUN printf %s /odd/b* | od -An -b\n`,
        "odd/a": randomBytes(8).toString("hex"),
      },
    });
    writeFileSync(
      Buffer.concat([Buffer.from(join(context.path, "odd/")), Buffer.from([0x62, 0xff, 0xfe])]),
      "",
    );
    const service = filesOf(context);
    const outcome = await build(engine, context, service).catch((error: unknown) => String(error));
    if (service.problems.length === 0) expect(outcome).toMatch(/142 377 376/);
    else {
      expect(service.problems).toMatchObject([{ kind: "not-utf8", path: "odd/b\ufffd\ufffd" }]);
      expect(outcome).toContain("UTF-8");
    }
  });

  it("transfers nothing a second time when nothing has changed, and only the change after that", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: "FROM scratch\nCOPY files /src\n", "files/a": "a".repeat(MiB), "files/b": "b" },
    });
    const transferred = async (): Promise<number> => {
      let bytes = 0;
      // BuildKit 0.25 never keeps the Dockerfile, so it is not counted.
      await build(engine, context, filesOf(context), ({ data }, source) => {
        if (source === "context") bytes += data?.length ?? 0;
      });
      return bytes;
    };
    expect(await transferred()).toBeGreaterThanOrEqual(MiB);
    expect(await transferred()).toBe(0);
    writeFileSync(join(context.path, "files/b"), "changed");
    expect(await transferred()).toBe("changed".length);
  });

  it("passes a file of 64 MiB without holding it in memory", async () => {
    await using context = await busyboxContext({
      files: { Dockerfile: `${withShell}COPY big /big\nRUN md5sum /big\n` },
    });
    const big = join(context.path, "big");
    const pieces = Array.from({ length: 64 }, () => randomBytes(MiB));
    for (const piece of pieces) writeFileSync(big, piece, { flag: "a" });
    pieces.length = 0;
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let peak = before;
    const output = await build(engine, context, filesOf(context), () => {
      peak = Math.max(peak, process.memoryUsage.rss());
    });
    const [sum] = execFileSync("md5sum", [big]).toString().split(" ");
    expect(output).toContain(sum);
    expect((peak - before) / MiB).toBeLessThan(64);
  });

  describe("a file that cannot be sent as announced", () => {
    it("fails the build with its name when a link has taken its place", async () => {
      await using context = await busyboxContext({
        files: { Dockerfile: "FROM scratch\nCOPY victim /victim\n", victim: randomBytes(8).toString("hex") },
      });
      const victim = join(context.path, "victim");
      const service = filesOf(context);
      const building = build(engine, context, service, ({ stat }) => {
        if (stat?.path !== "victim") return;
        renameSync(victim, `${victim}.old`);
        symlinkSync("/etc/hostname", victim);
      });
      await expect(building).rejects.toThrow(/"victim" was replaced/);
      expect(service.problems).toMatchObject([{ kind: "replaced", path: "victim" }]);
    });

    it("fails the build with its name when it is unreadable", async () => {
      await using context = await busyboxContext({
        files: {
          Dockerfile: "FROM scratch\nCOPY key.pem /key.pem\n",
          "key.pem": randomBytes(8).toString("hex"),
        },
      });
      chmodSync(context.path, 0o755);
      chmodSync(join(context.path, "key.pem"), 0);
      const service = filesOf(context);
      await using session = await openSessionBuild(engine, [service], sharedKeyOf(context.path));
      // Root may read everything.
      const isRoot = process.getuid?.() === 0;
      if (isRoot) process.seteuid?.(65534);
      try {
        await expect(session.run()).rejects.toThrow(/"key\.pem" cannot be read: permission denied/);
      } finally {
        if (isRoot) process.seteuid?.(0);
      }
      expect(service.problems).toMatchObject([{ kind: "unreadable", path: "key.pem" }]);
    });
  });
});
