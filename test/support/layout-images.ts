/** The images of an OCI layout, to be compared with those of another. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What the index of a layout leads to. Provenance differs in every build, by times at least: of it the kinds of statements are
 * told, and of an index that has it no digest.
 */
export function imagesOf(layout: string): unknown {
  const json = (path: string) => JSON.parse(readFileSync(join(layout, path), "utf8"));
  const blob = (digest: string) => json(`blobs/sha256/${digest.slice("sha256:".length)}`);
  const [top] = json("index.json").manifests;
  const inner = blob(top.digest);
  if (inner.manifests === undefined) return { digest: top.digest, annotations: top.annotations };
  return inner.manifests.map(
    (image: { digest: string; platform: unknown; annotations?: Record<string, string> }) => {
      const { "vnd.docker.reference.digest": about, ...annotations } = image.annotations ?? {};
      if (about === undefined) return { digest: image.digest, platform: image.platform, annotations };
      const kinds = blob(image.digest).layers.map((layer: { annotations: unknown }) => layer.annotations);
      return { about, annotations, platform: image.platform, kinds };
    },
  );
}
