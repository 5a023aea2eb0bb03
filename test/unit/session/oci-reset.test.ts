import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deleteUnreferenced } from "../../../src/session/oci-reset.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

let directory: string;
let blobs: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-reset-"));
  blobs = join(directory, "blobs/sha256");
  await mkdir(blobs, { recursive: true });
});
afterEach(() => rm(directory, { recursive: true }));

interface Entry {
  readonly mediaType: string;
  readonly digest: string;
}

async function blob(mediaType: string, content: object | string): Promise<Entry> {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const hash = createHash("sha256").update(text).digest("hex");
  await writeFile(join(blobs, hash), text);
  return { mediaType, digest: `sha256:${hash}` };
}

async function left(): Promise<readonly string[]> {
  return (await readdir(blobs)).map((name) => `sha256:${name}`).sort();
}

test("what the index leads to stays, over lists in lists, and every other blob goes", async () => {
  const [layer, config] = [await blob("layer", "l"), await blob("config", "c")];
  const manifest = await blob(MANIFEST, { config, layers: [layer] });
  const cache = await blob("application/vnd.buildkit.cacheconfig.v0", "{}");
  const list = await blob(INDEX, { manifests: [manifest, cache] });
  await writeFile(join(directory, "index.json"), JSON.stringify({ manifests: [list] }));
  await blob("layer", "stray");
  await writeFile(join(blobs, "no-digest"), "");
  await deleteUnreferenced(directory);
  const all = [layer, config, manifest, cache, list].map(({ digest }) => digest);
  expect(await left()).toEqual([...all, "sha256:no-digest"].sort());
});

test.each([
  ["is not there", { mediaType: MANIFEST, digest: `sha256:${"0".repeat(64)}` }],
  ["leads elsewhere", { mediaType: MANIFEST, digest: "sha256:../../../index" }],
])("nothing is deleted where a list %s", async (_what, entry) => {
  const stray = await blob("layer", "stray");
  const list = await blob(INDEX, { manifests: [entry] });
  await writeFile(join(directory, "index.json"), JSON.stringify({ manifests: [list] }));
  await expect(deleteUnreferenced(directory)).rejects.toMatchObject({ code: "io" });
  expect(await left()).toEqual([stray, list].map(({ digest }) => digest).sort());
});
