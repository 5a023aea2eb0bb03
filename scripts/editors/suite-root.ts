/** A root directory of a newer Debian with editors in it, which installs nothing on this machine: made once, used again. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { BktuiError, toBktuiError } from "../../src/base/errors.ts";
import { findPackageSource } from "../../src/engine/private/packages/packages.ts";

const run = promisify(execFile);
const ENTER = fileURLToPath(new URL("enter.sh", import.meta.url));
const MOST_OUTPUT = 64 * 1024 * 1024;

/** The first suite with an Emacs that dape takes (30.1). */
const SUITE = "trixie";
const PACKAGES = [
  "emacs-nox",
  "elpa-dape",
  "elpa-dockerfile-mode",
  "hx",
  "neovim",
  "tmux",
  "libstdc++6",
  "ca-certificates",
];

/** A path of this machine, and where it is inside. */
export type Bound = string | { readonly from: string; readonly to: string };

/** Words that run a command inside; its mounts are its own and end with it. */
export function wordsInside(
  root: string,
  bound: readonly Bound[],
  command: readonly string[],
): readonly [string, ...string[]] {
  const places = bound.map((each) =>
    typeof each === "string" ? `${each}:${each}` : `${each.from}:${each.to}`,
  );
  const apart = ["--mount", "--propagation=private", "--pid", "--fork", "--kill-child"];
  return ["unshare", ...apart, ENTER, root, ...places, "--", ...command];
}

/**
 * Makes it where it is not there yet: some minutes, 1.1 GB.
 * @param directory of all that is made for editors
 * @throws {BktuiError} "unsupported" without debootstrap or root.
 */
export async function suiteRoot(directory: string, say: (line: string) => void): Promise<string> {
  const root = join(directory, SUITE);
  const done = join(directory, `${SUITE}.packages`);
  if (existsSync(done)) return root;
  if (process.getuid?.() !== 0)
    throw new BktuiError("unsupported", "a root directory can only be made by root");
  const making = `${root}.making`;
  await rm(making, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const { archive } = await findPackageSource();
  say(`making ${root} from ${archive.uri}`);
  await bootstrapped(making, archive.uri);
  await copyFile("/etc/resolv.conf", join(making, "etc/resolv.conf"));
  say(`installing ${PACKAGES.join(" ")}`);
  const apt = "apt-get -q update && apt-get -qy install --no-install-recommends";
  const [program, ...words] = wordsInside(
    making,
    [],
    [
      ...["env", "DEBIAN_FRONTEND=noninteractive", "sh", "-c"],
      `${apt} ${PACKAGES.join(" ")} && apt-get clean`,
    ],
  );
  await run(program, words, { maxBuffer: MOST_OUTPUT });
  await rm(root, { recursive: true, force: true });
  await rename(making, root);
  await writeFile(done, `${PACKAGES.join("\n")}\n`);
  return root;
}

async function bootstrapped(root: string, uri: string): Promise<void> {
  try {
    await run("debootstrap", ["--variant=minbase", SUITE, root, uri], {
      maxBuffer: MOST_OUTPUT,
      env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` },
    });
  } catch (error) {
    throw new BktuiError("unsupported", `debootstrap: ${toBktuiError(error).message}`, {
      hint: "install debootstrap: apt-get install debootstrap",
    });
  }
}
