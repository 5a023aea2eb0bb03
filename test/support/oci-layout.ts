/** An image as an OCI layout on disk. */
import { cp, mkdir, mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBusyboxRootfs } from "../../src/engine/debug-root/busybox.ts";
import { putInIndex } from "../../src/session/oci-index.ts";
import { seedRegistry } from "./seed-registry.ts";

const { signal } = new AbortController();

/** Writes busybox into the layout under a tag; answers the digest of its manifest. */
export async function writeLayout(directory: string, busybox: string, tag: string): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), "bktui-layout-"));
  try {
    const rootfs = join(work, "rootfs");
    await mkdir(rootfs);
    await writeBusyboxRootfs(busybox, rootfs, { signal });
    const image = { reference: `layout:${tag}`, rootfs, command: ["sh"] };
    const [seeded] = await seedRegistry(join(work, "data"), [image], { signal });
    if (seeded === undefined) throw new Error("nothing was seeded");
    const blobs = join(work, "data/docker/registry/v2/blobs/sha256");
    for (const start of await readdir(blobs))
      for (const name of await readdir(join(blobs, start)))
        await cp(join(blobs, start, name, "data"), join(directory, "blobs/sha256", name));
    const { digest } = seeded;
    const { size } = await stat(join(directory, "blobs/sha256", digest.slice("sha256:".length)));
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    await putInIndex(directory, { mediaType, digest, size }, tag);
    return digest;
  } finally {
    await rm(work, { recursive: true });
  }
}
