/** Makes the frontend's image: this machine's Node, the libraries that it needs, and the frontend as one file. */
import { execFile } from "node:child_process";
import { cp, mkdir, realpath, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";

const run = promisify(execFile);
/** As the demo and its tests name it. */
export const FRONTEND_IMAGE = "bktui-demo/plan-frontend:1";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Puts into a directory what is built there with `docker build` or bktui: a Dockerfile and its files. */
export async function writeFrontendContext(directory: string): Promise<void> {
  const files = join(directory, "root");
  await copyWithLibraries(await realpath(process.execPath), join(files, "usr/bin/node"), files);
  await build({
    absWorkingDir: root,
    entryPoints: { frontend: "demo/frontend/main.ts" },
    outdir: files,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    format: "esm",
    mainFields: ["module", "main"],
    target: "node20",
    logLevel: "warning",
    banner: {
      js: 'import{createRequire as makeRequire}from"node:module";const require=makeRequire(import.meta.url);',
    },
  });
  await writeFile(
    join(directory, "Dockerfile"),
    [
      "FROM scratch",
      "COPY root /",
      'LABEL moby.buildkit.frontend.network.none="true"',
      'ENTRYPOINT ["/usr/bin/node", "/frontend.mjs"]',
      "",
    ].join("\n"),
  );
}

/** What the program is linked with, where it looks for it; of a static one nothing. */
async function copyWithLibraries(program: string, to: string, files: string): Promise<void> {
  await put(program, to);
  const { stdout } = await run("ldd", [program]).catch(() => ({ stdout: "" }));
  for (const [, path = ""] of stdout.matchAll(/(?:=>|^)\s*(\/\S+)\s+\(0x/gm))
    await put(path, join(files, path));
}

async function put(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await cp(from, to, { dereference: true });
}
