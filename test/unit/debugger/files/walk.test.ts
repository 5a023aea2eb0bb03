import { expect, test } from "vitest";
import { BktuiError } from "../../../../src/base/errors.ts";
import { walkedChanges } from "../../../../src/debugger/files/walk.ts";
import type { Build, FileEntry } from "../../../../src/engine/engine.ts";
import type { Digest, Edge } from "../../../../src/graph/graph.ts";

const { signal } = new AbortController();
const base: Edge = { vertex: "base" as Digest, output: 0 };
const after: Edge = { vertex: "after" as Digest, output: 0 };

function entry(name: string, kind: FileEntry["kind"]): FileEntry {
  return { name, kind, size: 1, mode: 0o755, uid: 0, gid: 0, mtimeMs: 1.5 };
}

/** A state with `/kept/f`, and `/kept/sub/g`; what `fails` names cannot be read. */
function reader(fails: {
  readonly edge: Edge;
  readonly error: BktuiError;
}): Pick<Build, "readDir" | "readFile"> {
  const content: Readonly<Record<string, readonly FileEntry[]>> = {
    "/": [entry("kept", "directory")],
    "/kept": [entry("f", "file"), entry("sub", "directory")],
    "/kept/sub": [entry("g", "file")],
  };
  return {
    readDir: async (edge, path) => {
      if (path === "/kept" && edge === fails.edge) throw fails.error;
      return content[path] ?? [];
    },
    readFile: async () => ({ bytes: new Uint8Array(), size: 0 }),
  };
}

const programs = {
  same: async () => new Set<string>(),
  listed: async () => Promise.reject(new BktuiError("not-now", "there are none")),
};

test.each([
  ["BASE", base, "engine"],
  ["AFTER", after, "engine"],
  ["BASE", base, "not-found"],
  ["AFTER", after, "not-found"],
] as const)(
  "a directory of %s that the engine does not tell (%#) is a problem, not a change",
  async (_, edge, code) => {
    const error = new BktuiError(code, "flightcontrol: exceeded retry timeout");
    const found = await walkedChanges(reader({ edge, error }), { base, after, programs }, { signal });
    expect(found).toEqual({
      changes: [],
      problems: ["/kept could not be compared: flightcontrol: exceeded retry timeout"],
    });
  },
);
