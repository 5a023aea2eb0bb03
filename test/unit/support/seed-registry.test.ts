import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isStatic } from "../../../src/engine/debug-root/busybox.ts";
import { seedRegistry } from "../../support/seed-registry.ts";

const { signal } = new AbortController();
let directory = "";

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-images-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function rootfs(name: string): Promise<string> {
  const path = join(directory, name);
  await mkdir(join(path, "bin"), { recursive: true });
  await writeFile(join(path, "bin/tool"), "#!/bin/sh\n");
  await chmod(join(path, "bin/tool"), 0o755);
  await symlink("tool", join(path, "bin/alias"));
  return path;
}

test("the same files give the same digest, wherever and whenever they were made", async () => {
  const image = { reference: "tool:1", command: ["sh"] };
  const first = await seedRegistry(join(directory, "a"), [{ ...image, rootfs: await rootfs("one") }], {
    signal,
  });
  const second = await seedRegistry(join(directory, "b"), [{ ...image, rootfs: await rootfs("two") }], {
    signal,
  });
  expect(second).toEqual(first);
});

test("every blob lies under its own digest, and the tag leads to the manifest", async () => {
  const registry = join(directory, "registry");
  const images = [{ reference: "team/tool:1.0", rootfs: await rootfs("one"), command: ["tool"] }];
  const [seeded] = await seedRegistry(registry, images, { signal });
  const root = join(registry, "docker/registry/v2");
  const blobs = (await readdir(join(root, "blobs"), { recursive: true })).filter((name) =>
    name.endsWith("data"),
  );
  expect(blobs).toHaveLength(3);
  for (const blob of blobs) {
    const bytes = await readFile(join(root, "blobs", blob));
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(basename(dirname(blob)));
  }
  const tag = join(root, "repositories/team/tool/_manifests/tags/1.0/current/link");
  expect(await readFile(tag, "utf8")).toBe(seeded?.digest);
});

test("a name without tag is refused, and so is one that leaves the storage", async () => {
  const path = await rootfs("one");
  for (const reference of ["tool", "../../tool:1", "tool:../1"]) {
    const seeding = seedRegistry(directory, [{ reference, rootfs: path, command: [] }], { signal });
    await expect(seeding).rejects.toMatchObject({ code: "usage" });
  }
});

test("a dynamically linked program and a script are not static", async () => {
  expect(await isStatic(process.execPath)).toBe(false);
  expect(await isStatic(join(await rootfs("one"), "bin/tool"))).toBe(false);
});
