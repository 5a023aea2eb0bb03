/** Values of secrets that a build prints: they are on no screen, in no file and in no copy. */
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Fx } from "../support/fx.ts";

const program = fileURLToPath(new URL("../../dist/bktui.js", import.meta.url));

const VALUE = "hunter2-of-a-thousand-nights";
const ENCODED = Buffer.from(VALUE).toString("base64").replace(/=+$/, "");

/** The second half of the encoded value comes when the first one has been on its way for long. */
const DOCKERFILE = `FROM scratch
ADD busybox /bin/busybox
RUN ["/bin/busybox","--install","-s","/bin"]
RUN --mount=type=secret,id=token cp /run/secrets/token /leak.txt
RUN --mount=type=secret,id=token echo "has $(cat /run/secrets/token)."; b=$(base64 -w0 /run/secrets/token); printf "half \${b%???????????}"; sleep 0.7; echo "\${b#$\{b%???????????}}"; false
`;

/** A directory of its own for all that bktui keeps, beside the secret. */
async function prepared(): Promise<
  AsyncDisposable & { readonly kept: string; readonly args: readonly string[] }
> {
  const root = await mkdtemp(join(tmpdir(), "bktui-shown-"));
  await writeFile(join(root, "token"), `${VALUE}\n`, { mode: 0o600 });
  await mkdir(join(root, "kept"));
  return {
    kept: join(root, "kept"),
    args: ["--secret", `id=token,src=${join(root, "token")}`, "--no-cache"],
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

async function filesBelow(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  return names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
}

/** Copies to the clipboard are in base64. */
function copies(output: string): string {
  return [...output.matchAll(/\]52;c;([A-Za-z0-9+/=]*)/g)]
    .map(([, text = ""]) => Buffer.from(text, "base64").toString())
    .join("\n");
}

function expectNothingOf(text: string): void {
  expect(text).not.toContain(VALUE);
  expect(text).not.toContain(ENCODED);
  // Whatever of it is cut off by the width of a pane.
  expect(text).not.toContain(VALUE.slice(0, 12));
  expect(text).not.toContain(ENCODED.slice(0, 12));
}

forEachEngine((engine) => {
  test("S26 · a secret's value is hidden in log, shell, files and copies, and is in no file of bktui's", async () => {
    await using place = await prepared();
    const env = { XDG_STATE_HOME: place.kept, XDG_CACHE_HOME: place.kept };
    await using fx = await Fx.loaded(engine, { dockerfile: DOCKERFILE, args: place.args, env });
    const { terminal } = fx;
    terminal.type("c");
    await terminal.untilRow(1, /FAILED step 4\/4/);
    await terminal.until(/has \*\*\*\.\n.*half \*\*\*/);
    terminal.type("[d");
    await terminal.until(/^> \+ leak\.txt/m);
    terminal.key("Enter");
    await terminal.until(/^\+ +1 {2}\*\*\*$/m);
    terminal.key("Escape");
    await terminal.until((screen) => !screen.join("\n").includes("── diff"));
    terminal.type("]!");
    await terminal.until(/FAILED .*#$/m);
    terminal.type("cat /run/secrets/token /leak.txt; base64 /leak.txt\r");
    await terminal.until(/^\*\*\*\n\*\*\*\n\*\*\*.{1,4}$/m);
    // Leaves the shell, copies a line of the log, and has the breakpoint and the size of the panes remembered.
    terminal.type("\u001d3y");
    await terminal.until(/copied/);
    terminal.type("1b");
    await terminal.until(/^●/m);
    // A file that is being written has another name a moment later.
    const texts = await vi.waitFor(
      async () => {
        const paths = await filesBelow(place.kept);
        expect(paths.length).toBeGreaterThan(0);
        return await Promise.all(paths.map((path) => readFile(path, "latin1")));
      },
      { timeout: 20_000 },
    );
    for (const text of texts) expectNothingOf(text);
    expect(copies(terminal.output)).toContain("***");
    expectNothingOf(terminal.output + copies(terminal.output));
  });

  test("S26 · nor is it in what comes out without a terminal", async () => {
    await using place = await prepared();
    await using context = await busyboxContext({ files: { Dockerfile: DOCKERFILE } });
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [program, "--run", ...place.args, context.path],
      { env: { ...process.env, DOCKER_HOST: engine.dockerHost }, encoding: "utf8" },
    );
    expect(status).toBe(1);
    expect(stdout + stderr).toMatch(/has \*\*\*\.\n.*half \*\*\*/);
    expectNothingOf(stdout + stderr);
  });
});
