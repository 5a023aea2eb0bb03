import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import {
  attachedDelve,
  DELVE_ENDED,
  delveAddressText,
  delvePlan,
  howToAttach,
  parseDelveAddress,
} from "../../../../../src/engine/private/daemon/delve.ts";

describe("the address of a Go debugger", () => {
  it.each([
    ["127.0.0.1:5000", "127.0.0.1:5000"],
    ["127.3.2.1:1", "127.3.2.1:1"],
    ["localhost:0", "127.0.0.1:0"],
    ["[::1]:65535", "[::1]:65535"],
  ])("%s is on loopback", (text, read) => {
    expect(delveAddressText(parseDelveAddress(text))).toBe(read);
  });

  it.each(["0.0.0.0:5000", "10.0.0.1:5000", "[::]:5000", "example.org:5000", "127.0.0.1.evil:5000"])(
    "%s is refused, as whoever reaches it controls the engine",
    (text) => {
      expect(() => parseDelveAddress(text)).toThrow(`--delve=${text}: not on loopback`);
    },
  );

  it.each(["5000", ":5000", "127.0.0.1", "127.0.0.1:65536", "::1:5000", "127.0.0.1:5000 --log"])(
    "%s is none",
    (text) => {
      expect(() => parseDelveAddress(text)).toThrow("not HOST:PORT");
    },
  );

  it("is given to dlv, GoLand and VS Code", () => {
    const text = howToAttach("127.0.0.1:5055").join("\n");
    expect(text).toContain("dlv connect 127.0.0.1:5055");
    expect(text).toContain("Go Remote: host 127.0.0.1, port 5055");
    const [launch = ""] = /\{.*\}/.exec(text) ?? [];
    expect(JSON.parse(launch)).toMatchObject({ type: "go", request: "attach", mode: "remote", port: 5055 });
  });
});

test("without dlv it is said how to get one", async () => {
  const env = { PATH: "/nonexistent", HOME: "/nonexistent" };
  const plan = delvePlan("127.0.0.1:5000", env);
  // This machine may have one in a place of system programs.
  await plan.then(
    ({ program }) => expect(program).toMatch(/^\/.*\/dlv$/),
    (error) =>
      expect(error).toMatchObject({
        code: "not-found",
        hint: expect.stringContaining("apt-get install delve"),
      }),
  );
});

test.each([
  ["could not launch process: could not open debug info", /too old for this daemon/],
  ["could not attach to pid 15: operation not permitted", /Its log is /],
])("a dlv that ends with %s is told of in its own words", async (words, hint) => {
  const directory = await mkdtemp(join(tmpdir(), "bktui-delve-"));
  try {
    const log = join(directory, "engine.log");
    await writeFile(log, `API server listening at: 127.0.0.1:1\n${words}\n${DELVE_ENDED} 1\n`);
    const plan = { program: "/usr/bin/dlv", listen: { host: "127.0.0.1", port: 1 } };
    const { signal } = new AbortController();
    await expect(attachedDelve(log, plan, { signal })).rejects.toMatchObject({
      code: "no-engine",
      message: expect.stringMatching(new RegExp(`^/usr/bin/dlv cannot debug the daemon: .*${words}$`)),
      hint: expect.stringMatching(hint),
    });
  } finally {
    await rm(directory, { recursive: true });
  }
});
