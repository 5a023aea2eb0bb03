import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { installCommand } from "../../../../src/engine/locate/install-command.ts";
import { commandFor, describeRefusals, locateEngine } from "../../../../src/engine/locate/locate.ts";
import { parseOsRelease } from "../../../../src/engine/private/system/os-release.ts";

const { signal } = new AbortController();
const nowhere = join("/nonexistent", "engine.sock");

function locate(addr: string | undefined, env: Record<string, string>): Promise<unknown> {
  const onProgress = (): void => expect.unreachable("nothing may be started");
  return locateEngine(
    { addr, env: { HOME: "/nonexistent", ...env }, policy: "auto", onProgress },
    { signal },
  );
}

describe("an engine the user named", () => {
  test("that does not answer is an error which says who named it; nothing is taken or started instead", async () => {
    const env = { DOCKER_HOST: `unix://${nowhere}` };
    await expect(locate(undefined, env)).rejects.toMatchObject({
      code: "engine-unreachable",
      message: expect.stringMatching(/DOCKER_HOST names .*no such socket/),
    });
  });

  test("in a way this version does not speak is refused as such", async () => {
    for (const addr of ["npipe:////./pipe/docker", "cloud://acme/default"]) {
      await expect(locate(addr, {})).rejects.toMatchObject({ code: "unsupported" });
    }
  });
});

test("places where nothing is share one line, everything else tells its reason", async () => {
  const missing = new BktuiError("engine-unreachable", "there is no such socket");
  const lines = await describeRefusals([
    { origin: "/nonexistent/a.sock", error: missing },
    { origin: "/", error: new BktuiError("engine-unreachable", "permission denied") },
    { origin: "/nonexistent/b.sock", error: missing },
  ]);
  expect(lines).toEqual(["no socket at /nonexistent/a.sock, /nonexistent/b.sock", "/: permission denied"]);
});

describe("the command that gets an engine", () => {
  const mint = parseOsRelease('ID=linuxmint\nID_LIKE="ubuntu debian"\n');

  test("is that of the family the system belongs to, with the group for its user", () => {
    const command = installCommand("linux", mint, false);
    expect(command).toMatch(/^sudo apt-get install .*docker\.io && sudo usermod -aG docker "\$USER"/);
  });

  test("only adds the user to the group when docker is there and forbidden", async () => {
    const cause = Object.assign(new Error("connect EACCES"), { code: "EACCES" });
    const error = new BktuiError("engine-unreachable", "permission denied", { cause });
    const command = await commandFor([{ origin: "/var/run/docker.sock", error }]);
    expect(command).toBe('sudo usermod -aG docker "$USER" && newgrp docker');
  });

  test("needs no sudo for root", () => {
    expect(installCommand("linux", mint, true)).not.toContain("sudo");
  });

  test("is not made up for a system we know nothing of", () => {
    expect(installCommand("linux", parseOsRelease("ID=plan9\n"), true)).toBeUndefined();
    expect(installCommand("win32", mint, false)).toBeUndefined();
  });
});
