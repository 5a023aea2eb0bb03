/** `bktui engine start --delve`, with a real dlv on a real daemon. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { engineCommand } from "../../../src/engine/private/commands.ts";
import { purgePrivateEngine, statusOf } from "../../../src/engine/private/private-engine.ts";
import { DelveClient, fetchDelve, whyNoDelve } from "../../support/delve.ts";

const { signal } = new AbortController();
const suite = inject("privateSuite");
const why = suite === undefined ? "these engines are not ours to debug" : await whyNoDelve();

describe.skipIf(why !== undefined)(`an engine under dlv${why === undefined ? "" : ` (${why})`}`, () => {
  let base = "";
  beforeEach(async () => {
    vi.stubEnv("PATH", [await fetchDelve(), process.env["PATH"]].join(delimiter));
    base = await mkdtemp(join(tmpdir(), "bktui-own-"));
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await purgePrivateEngine(join(base, "engine"), { signal });
    await rm(base, { recursive: true });
  });

  async function command(action: "start" | "stop" | "status", delve?: string): Promise<string> {
    const options = { kind: "dockerd", suite, delve, directory: join(base, "engine") } as const;
    return (await engineCommand(action, { ...options, onProgress: () => undefined }, { signal })).text;
  }

  async function listening(): Promise<string> {
    const status = await statusOf(join(base, "engine"));
    if (status.kind !== "running" || status.engine.delve === undefined) throw new Error("there is no dlv");
    return status.engine.delve;
  }

  test("lets it run, says how to attach, and has several clients, each of which may leave", async () => {
    const text = await command("start", "127.0.0.1:0");
    const listen = await listening();
    expect(listen).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
    expect(text).toContain(`debugger   dlv at ${listen}`);
    expect(text).toContain(`dlv connect ${listen}`);
    using first = await DelveClient.connect(listen);
    {
      using second = await DelveClient.connect(listen);
      expect(await second.isRunning()).toBe(true);
    }
    expect(await first.isRunning()).toBe(true);
    expect(await command("start", "127.0.0.1:0")).toBe(text);
    expect(await command("status")).toBe(text);
  });

  test("stands still, and is neither replaced nor lost by another start; stop ends all of it", async () => {
    await command("start", "127.0.0.1:0");
    const listen = await listening();
    using dlv = await DelveClient.connect(listen);
    await dlv.halt();
    await expect(command("start")).rejects.toMatchObject({
      code: "not-now",
      message: `bktui's own engine does not answer, and dlv at ${listen} debugs it`,
    });
    expect(await command("stop")).toBe("stopped; its build cache stays");
    await expect(DelveClient.connect(listen)).rejects.toThrow("ECONNREFUSED");
  });

  test("is there again for the next client when one ends dlv and not the engine", async () => {
    await command("start", "127.0.0.1:0");
    const before = await statusOf(join(base, "engine"));
    using dlv = await DelveClient.connect(await listening());
    await dlv.halt();
    await dlv.detach();
    await vi.waitFor(async () => {
      using next = await DelveClient.connect(await listening());
      expect(await next.isRunning()).toBe(true);
    }, 20_000);
    expect(await statusOf(join(base, "engine"))).toEqual(before);
  });

  test("is not made out of one that runs without it", async () => {
    await command("start");
    await expect(command("start", "127.0.0.1:5000")).rejects.toMatchObject({
      code: "not-now",
      message: "bktui's own engine runs already, without dlv",
      hint: expect.stringContaining("bktui engine stop, then bktui engine start --delve=127.0.0.1:5000"),
    });
  });
});
