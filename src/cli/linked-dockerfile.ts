/** A Dockerfile that is a link: an engine is sent what lies in its folder only, and follows links within that. */
import { lstat, readlink, realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { BktuiError } from "../base/errors.ts";

/** As the kernel counts. */
const MOST_LINKS = 40;

/**
 * Refuses a link that leads to nothing, or out of its folder. What does not exist at all, or cannot be looked at, passes.
 * @param path absolute
 * @throws {BktuiError} "not-found" or "bad-request" naming the link's target.
 */
export async function checkLinks(path: string): Promise<void> {
  const folder = dirname(path);
  let place = path;
  for (let links = 0; links < MOST_LINKS; links++) {
    const target = await targetOf(place);
    if (target === undefined) break;
    place = resolve(dirname(place), target);
    if (!(await exists(place)))
      throw new BktuiError(
        "not-found",
        `the Dockerfile ${path} is a link to ${target}, which does not exist`,
        {
          hint: "make the link anew, or name the file itself with -f FILE",
        },
      );
    if (isAbsolute(target) || !isWithin(folder, place)) throw leadsOut(path, target, place);
  }
  const [whole, real] = await Promise.all([realOf(folder), realOf(place)]);
  if (place !== path && whole !== undefined && real !== undefined && !isWithin(whole, real))
    throw leadsOut(path, relative(folder, place), real);
}

function leadsOut(path: string, target: string, place: string): BktuiError {
  return new BktuiError("bad-request", `the Dockerfile ${path} is a link to ${target}, out of its folder`, {
    hint: `engines get the folder only; name the file itself: -f ${place}`,
  });
}

function isWithin(folder: string, path: string): boolean {
  return path.startsWith(join(folder, "/"));
}

async function targetOf(path: string): Promise<string | undefined> {
  return await readlink(path).catch(() => undefined);
}

async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

async function realOf(path: string): Promise<string | undefined> {
  return await realpath(path).catch(() => undefined);
}
