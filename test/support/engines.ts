import { randomUUID } from "node:crypto";
import { appendFile, chmod, copyFile, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, inject } from "vitest";
import type { TestEngine } from "./test-engine.ts";

/** Declares the same tests once per engine. */
export function forEachEngine(declare: (engine: TestEngine) => void): void {
  const engines = inject("engines");
  for (const engine of engines) describe(engine.name, () => declare(engine));
}

/** The engines of this run; at least one. */
export function testEngines(): readonly TestEngine[] {
  return inject("engines");
}

/** A build context in a directory of its own; dispose to delete it. */
export interface TestContext extends AsyncDisposable {
  /** Absolute. */
  readonly path: string;
}

/**
 * A context that works without any registry: `busybox` (static) lies in it, beside what is asked for.
 * @param from.fixture directory to copy
 * @param from.unique steps that no other build has: an engine joins equal steps of builds that are open at the same time
 * @param from.busybox where one is; undefined = that of the running tests
 * @param from.files text per relative path, e.g. `{ Dockerfile: "FROM scratch\nCOPY busybox /bin/busybox\n" }`
 */
export async function busyboxContext(from: {
  readonly fixture?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly unique?: boolean;
  readonly busybox?: string | undefined;
}): Promise<TestContext> {
  const path = await mkdtemp(join(tmpdir(), "bktui-context-"));
  if (from.fixture !== undefined) await cp(from.fixture, path, { recursive: true });
  await copyFile(from.busybox ?? inject("busybox"), join(path, "busybox"));
  await chmod(join(path, "busybox"), 0o755);
  // A program may have more bytes at its end than it needs.
  if (from.unique === true) await appendFile(join(path, "busybox"), randomUUID());
  for (const [name, text] of Object.entries(from.files ?? {})) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
