/** Refusals of large Dockerfiles, which break the connection instead of arriving. */
import { readFile } from "node:fs/promises";
import { BktuiError } from "../../base/errors.ts";
import { byteSize } from "../../base/words.ts";
import { lineOf } from "../../graph/graph.ts";
import type { BuildRequest } from "../build-request.ts";
import { sourcePath } from "../build-sources.ts";
import { FrontendFailed } from "../failures.ts";

/**
 * A refusal holds the whole Dockerfile, in base64 and in one header (BuildKit 0.25; 0.8 leaves it out). nghttp2, and so
 * Node, takes no header of more than 64 KiB and gives up the connection.
 */
const MOST_BYTES = 45_000;
/** BuildKit's own limit, in all versions. */
const LINE_BYTES = 65_535;

/** What the lost connection means for a file of this size; undefined when it is the loss that it seems. */
export async function unreadAnswer(
  error: unknown,
  request: Pick<BuildRequest, "source">,
): Promise<FrontendFailed | undefined> {
  if (!(error instanceof BktuiError) || error.code !== "engine-unreachable") return undefined;
  const path = sourcePath(request);
  const bytes = path === undefined ? Buffer.alloc(0) : await readFile(path).catch(() => Buffer.alloc(0));
  if (bytes.length < MOST_BYTES) return undefined;
  const long = longLine(bytes);
  if (long !== undefined) {
    const message = `the line has ${long.bytes} bytes, and BuildKit reads at most ${LINE_BYTES}`;
    const line = lineOf(long.line);
    return new FrontendFailed(message, [{ source: 0, start: line, end: line }], { cause: error });
  }
  const size = byteSize(bytes.length);
  return new FrontendFailed(
    `the engine seems to refuse the Dockerfile, but its reason did not arrive: it holds the whole file, and ${size} are too much for Node`,
    [],
    { cause: error, hint: "`docker build` shows the reason" },
  );
}

function longLine(bytes: Buffer): { readonly line: number; readonly bytes: number } | undefined {
  let start = 0;
  for (let line = 1; start < bytes.length; line += 1) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found;
    if (end - start > LINE_BYTES) return { line, bytes: end - start };
    start = end + 1;
  }
  return undefined;
}
