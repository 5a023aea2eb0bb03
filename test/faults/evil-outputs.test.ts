/** Outputs of a daemon that means no good, or that is not let finish, against the built program. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { Evil } from "../support/evil.ts";
import type { EvilClient } from "../support/evil-daemon.ts";
import { MODE, type SentEntry, TreeSender } from "../support/tree-sender.ts";

const WITHIN = { timeout: 20_000, interval: 20 };

/** A daemon that does this when an output is to be made; the build is not over before. */
async function evilOutput(send: (client: EvilClient) => Promise<unknown>): Promise<Evil> {
  /** Of the last build; it is there before an output is asked for. */
  let session: EvilClient | undefined;
  return await Evil.start(
    {
      session: async (client) => {
        session = client;
      },
      solving: async ({ Exporters = [] }) => {
        if (Exporters.length > 0 && session !== undefined) await send(session);
      },
    },
    { victim: "untouched" },
  );
}

function sending(...entries: readonly SentEntry[]): (client: EvilClient) => Promise<unknown> {
  return async (client) =>
    await new TreeSender(client)
      .announce(...entries)
      .endOfEntries()
      .end();
}

/** All below the context, but what belongs to it. */
function madeIn(context: string): readonly string[] {
  return readdirSync(context, { recursive: true })
    .map(String)
    .filter((name) => !["Dockerfile", "victim"].includes(name))
    .sort();
}

test.each<[string, readonly SentEntry[]]>([
  ["names that go up", [{ path: "../victim", text: "evil" }]],
  ["absolute names", [{ path: "/tmp/bktui-victim", text: "evil" }]],
  [
    "a file through a link",
    [
      { path: "l", mode: MODE.link, linkname: ".." },
      { path: "l/victim", text: "evil" },
    ],
  ],
  ["a device", [{ path: "mem", mode: MODE.charDevice }]],
])("S20 · %s: nothing is written, and the reason is said", async (_, entries) => {
  await using evil = await evilOutput(sending({ path: "0", text: "harmless" }, ...entries));
  const { exitCode, stderr } = await evil.headless(".", ["-o", "made/out"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/outputs could not be made: the (engine sends|build's result has a device)/);
  expect(madeIn(evil.context)).toEqual([]);
  expect(readFileSync(join(evil.context, "victim"), "utf8")).toBe("untouched");
});

test("S20 · a daemon that says it is done and has sent nothing has made nothing", async () => {
  await using evil = await evilOutput(async () => undefined);
  const { exitCode, stderr } = await evil.headless(".", ["-o", "out"]);
  expect(exitCode).toBe(1);
  expect(stderr).toContain("has sent nothing for");
});

test("S20 · escapes in what it sends do not reach the terminal", async () => {
  await using evil = await evilOutput(sending({ path: "a\u001b]0;owned\u0007", mode: MODE.device }));
  const { stderr } = await evil.headless(".", ["-o", "out"]);
  expect(stderr).toContain("device");
  expect(stderr).not.toContain("\u001b");
});

test("S23 · an engine that dies in the middle leaves what was there", async () => {
  let die: () => void = () => undefined;
  await using evil = await evilOutput(async (client) => {
    const sender = new TreeSender(client, { answers: false });
    sender.announce({ path: "big", size: 1000 });
    await vi.waitFor(() => expect(sender.asked).toEqual([0]), WITHIN);
    sender.data(0, "half");
    die();
    await new Promise(() => undefined);
  });
  die = () => void evil.end();
  mkdirSync(join(evil.context, "out"));
  symlinkSync("../victim", join(evil.context, "out/big"));
  const { exitCode } = await evil.headless(".", ["-o", "out"]);
  expect(exitCode).toBe(1);
  expect(madeIn(evil.context)).toEqual(["out", "out/big"]);
  expect(readFileSync(join(evil.context, "victim"), "utf8")).toBe("untouched");
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "S23 · a daemon that never ends is left by %s, and nothing stays",
  async (signal) => {
    await using evil = await evilOutput(async (client) => {
      const sender = new TreeSender(client, { answers: false });
      sender.announce({ path: "big", size: Number.MAX_SAFE_INTEGER });
      const piece = "x".repeat(100_000);
      for (;;) {
        await new Promise(setImmediate);
        if (sender.asked.length > 0 && sender.call.stream.writableLength < 1_000_000) sender.data(0, piece);
        if (sender.call.stream.destroyed) return;
      }
    });
    const running = await evil.start(["--run", "-o", "out", "."]);
    await vi.waitFor(
      () => expect(madeIn(evil.context).some((name) => name.endsWith("/big"))).toBe(true),
      WITHIN,
    );
    running.kill(signal);
    const code = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal];
    expect(await running.exitCode).toBe(code);
    expect(madeIn(evil.context)).toEqual([]);
  },
);

test("S24 · a bktui that is killed in the middle has made nothing, and the next one removes what it left", async () => {
  let isPatient = true;
  await using evil = await evilOutput(async (client) => {
    if (!isPatient) return await sending({ path: "big", text: "whole" })(client);
    const sender = new TreeSender(client, { answers: false });
    sender.announce({ path: "big", size: 1000 });
    await vi.waitFor(() => expect(sender.asked).toEqual([0]), WITHIN);
    sender.data(0, "half");
    return await sender.call.status.catch(() => undefined);
  });
  const running = await evil.start(["--run", "-o", "out", "."]);
  await vi.waitFor(
    () => expect(madeIn(evil.context).some((name) => name.endsWith("/big"))).toBe(true),
    WITHIN,
  );
  running.kill("SIGKILL");
  await running.exitCode;
  expect(existsSync(join(evil.context, "out/big"))).toBe(false);
  writeFileSync(join(evil.context, "out/mine"), "mine");
  isPatient = false;
  const { exitCode, stderr } = await evil.headless(".", ["-o", "out"]);
  expect(exitCode, stderr).toBe(0);
  expect(madeIn(evil.context)).toEqual(["out", "out/big", "out/mine"]);
  expect(stderr).toContain("out: 1 file, ");
});
