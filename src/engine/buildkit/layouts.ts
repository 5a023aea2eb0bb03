/** OCI layouts in the place of named contexts: which image, and the blobs that the engine asks for. */
import { createHash } from "node:crypto";
import { ContentStore } from "../../session/content-store.ts";
import { digestInLayout } from "../../session/oci-index.ts";
import type { BuildRequest } from "../build-request.ts";

/**
 * The request with a digest for every layout: a frontend takes no tag alone (BuildKit 0.11 to 0.32).
 * @throws {BktuiError} "not-found" or "io".
 */
export async function withDigests(request: BuildRequest): Promise<BuildRequest> {
  const contexts = await Promise.all(
    request.contexts.map(async ({ name, from }) => {
      if (from.kind !== "oci-layout" || from.digest !== undefined) return { name, from };
      const digest = await digestInLayout(from.path, from.tag ?? "latest");
      return { name, from: { ...from, digest } };
    }),
  );
  return { ...request, contexts };
}

/** By the names under which the engine asks a session for them. */
export function layoutStores({ contexts, source }: BuildRequest): ReadonlyMap<string, ContentStore> {
  const named = source.kind === "dockerfile" ? {} : (source.layouts ?? {});
  const paths = [
    ...contexts.flatMap(({ from }) =>
      from.kind === "oci-layout" ? [[layoutIdOf(from.path), from.path] as const] : [],
    ),
    ...Object.entries(named),
  ];
  return new Map(paths.map(([id, path]) => [`oci:${id}`, new ContentStore(path)]));
}

/** Stands for the directory in the frontend's reference; the same in each build. */
export function layoutIdOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 25);
}
