/** Changes of files, written down in a line each. */
import type { FileChange } from "../../src/debugger/debugger.ts";
import type { FileEntry } from "../../src/engine/engine.ts";

/** A name that ends with "/" is a directory, one with "@target" a link. */
export function entry(name: string, facts: Partial<FileEntry> = {}): FileEntry {
  const [, plain = name, mark, target] = /^(.*?)(?:(\/)|@(.*))?$/s.exec(name) ?? [];
  const kind = mark === "/" ? "directory" : target === undefined ? "file" : "link";
  const mode = kind === "directory" ? 0o755 : 0o644;
  return { name: plain.slice(plain.lastIndexOf("/") + 1), kind, size: 0, mode, target, ...facts };
}

export function added(path: string, size = 0): FileChange {
  return { path: pathOf(path), kind: "added", before: undefined, after: entry(path, { size }), differs: [] };
}

export function removed(path: string, size = 0): FileChange {
  return {
    path: pathOf(path),
    kind: "removed",
    before: entry(path, { size }),
    after: undefined,
    differs: [],
  };
}

export function changed(
  path: string,
  before: Partial<FileEntry>,
  after: Partial<FileEntry>,
  differs: FileChange["differs"] = ["content"],
): FileChange {
  return {
    path: pathOf(path),
    kind: "changed",
    before: entry(path, before),
    after: entry(path, after),
    differs,
  };
}

function pathOf(path: string): string {
  return path.replace(/\/$|@.*$/s, "");
}
