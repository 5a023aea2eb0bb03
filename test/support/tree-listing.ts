/** A directory as text, to be compared with another. */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * A line for each entry: kind, mode, owner, time in seconds, path, and content or target; names of one file share a number.
 * Pipes are not opened.
 */
export function treeListing(directory: string): readonly string[] {
  const files = new Map<bigint, number>();
  const walk = (path: string): readonly string[] =>
    readdirSync(join(directory, path), { encoding: "buffer" })
      .map((name) => name.toString("latin1"))
      .sort()
      .flatMap((name) => {
        const inner = path === "" ? name : `${path}/${name}`;
        const full = Buffer.from(join(directory, inner), "latin1");
        const { mode, uid, gid, mtimeMs, ino, ...stats } = lstatSync(full, { bigint: true });
        const facts = [(mode & 0o7777n).toString(8), `${uid}:${gid}`, `${mtimeMs / 1000n}`, inner];
        const at = lstatSync(full);
        if (at.isDirectory()) return [["d", ...facts].join(" "), ...walk(inner)];
        if (at.isSymbolicLink()) return [["l", ...facts, "->", readlinkSync(full)].join(" ")];
        if (!at.isFile()) return [["p", ...facts].join(" ")];
        if (!files.has(ino)) files.set(ino, files.size);
        const hash = createHash("sha256").update(readFileSync(full)).digest("hex").slice(0, 12);
        const names = stats.nlink > 1n ? [`#${files.get(ino)}`] : [];
        return [["f", ...facts, hash, ...names].join(" ")];
      });
  return walk("");
}
