/**
 * vitest globalSetup of the projects "engine" and "e2e": real engines, started once per run and stopped after it.
 *
 * Two dockerds run as private engines with a registry of their own that serves busybox:1.36. BKTUI_TEST_ENGINE (addresses
 * separated by commas) replaces them. Two runs at the same time share the engines; the last one stops them.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { findStaticBusybox, writeBusyboxRootfs } from "../../src/engine/debug-root/busybox.ts";
import type { PrivateEngine } from "../../src/engine/private/private-engine.ts";
import { purgePrivateEngine, startPrivateEngine } from "../../src/engine/private/private-engine.ts";
import { identityOf, isAlive, isProcessIdentity } from "../../src/engine/private/system/processes.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { dockerVersion } from "../../src/transport/docker-version.ts";
import { probeKind } from "../../src/transport/probe.ts";
import { leftOn } from "./engine-census.ts";
import { seedRegistry } from "./seed-registry.ts";
import type { TestEngine } from "./test-engine.ts";

export interface Running {
  readonly engines: readonly TestEngine[];
  readonly busybox: string;
  readonly privateSuite: string | undefined;
  /** @throws {Error} when a build left something on an engine, unless `leaves` says that this is to be expected. */
  stop(options?: { readonly leaves: boolean }): Promise<void>;
}

/** Both projects load this module for themselves: what they share must live outside of it. */
interface Shared {
  running: Promise<Running> | undefined;
  users: number;
}
const sharedKey = Symbol.for("bktui.test-engines");

const signal = AbortSignal.timeout(300_000);

/** Starts the engines, or joins the project that did; returns the teardown. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = sharedState();
  shared.users += 1;
  shared.running ??= startTestEngines(project.config.root);
  const { engines, busybox, privateSuite } = await shared.running;
  project.provide("engines", engines);
  project.provide("busybox", busybox);
  project.provide("privateSuite", privateSuite);
  return async () => {
    shared.users -= 1;
    if (shared.users > 0) return;
    const running = await shared.running;
    shared.running = undefined;
    try {
      await running?.stop();
    } catch (error) {
      // vitest only reports what fails here.
      process.exitCode = 1;
      throw error;
    }
  };
}

function sharedState(): Shared {
  const place: typeof globalThis & { [sharedKey]?: Shared } = globalThis;
  place[sharedKey] ??= { running: undefined, users: 0 };
  return place[sharedKey];
}

/** Starts the engines of a project's tests, or uses those that another run has started. */
export async function startTestEngines(root: string): Promise<Running> {
  const busybox = await findStaticBusybox({ onProgress: say, signal });
  const addresses = process.env["BKTUI_TEST_ENGINE"];
  if (addresses !== undefined && addresses !== "") {
    const engines = await Promise.all(addresses.split(",").map(async (text) => await given(text.trim())));
    return { engines, busybox, privateSuite: undefined, stop: async () => undefined };
  }
  // Short, because of the length limit of socket paths; one per project root, so that two checkouts do not meet.
  const key = createHash("sha256").update(root).digest("hex").slice(0, 8);
  const base = join(tmpdir(), `bktui-test-${key}`);
  await mkdir(base, { recursive: true, mode: 0o700 });
  await takeLease(base);
  const registry = await seeded(base, busybox);
  const started = await Promise.all([newest(base, registry), startOne(base, registry, "bookworm")]);
  const engines = started.map((engine) => describeEngine(engine, registry));
  return { engines, busybox, privateSuite: started[0].suite, stop: (options) => stop(base, options) };
}

/** The newest dockerd this machine can have. */
async function newest(base: string, registry: string): Promise<PrivateEngine> {
  try {
    return await startOne(base, registry, "sid");
  } catch (error) {
    say(`sid's engine cannot be used, taking trixie's: ${error instanceof Error ? error.message : error}`);
    return await startOne(base, registry, "trixie");
  }
}

async function startOne(base: string, registry: string, suite: string): Promise<PrivateEngine> {
  const options = { kind: "dockerd", suite, registry, network: "isolated" } as const;
  const onProgress = (line: string): void => say(`${suite}: ${line}`);
  const engine = await startPrivateEngine(
    { ...options, directory: join(base, suite), onProgress },
    { signal },
  );
  say(`${suite}: dockerd ${engine.version} at ${engine.address.text}`);
  return engine;
}

async function seeded(base: string, busybox: string): Promise<string> {
  const registry = join(base, "registry");
  const rootfs = await mkdtemp(join(base, "rootfs-"));
  try {
    await writeBusyboxRootfs(busybox, rootfs, { signal });
    const image = { rootfs, command: ["sh"] };
    const images = [
      { ...image, reference: "busybox:1.36" },
      { ...image, reference: "busybox:platforms", listed: true },
    ];
    await seedRegistry(registry, images, { signal });
  } finally {
    await rm(rootfs, { recursive: true, force: true });
  }
  return registry;
}

function describeEngine(engine: PrivateEngine, registry: string): TestEngine {
  const { directory, suite } = engine;
  return {
    name: `dockerd-${majorMinor(engine.version)}`,
    dockerHost: engine.address.text,
    kind: "dockerd",
    version: engine.version,
    binDir: engine.binDir,
    keepsFailedState: keepsFailedState(engine.version),
    ...(suite === undefined ? {} : { started: { directory, suite, registry } }),
  };
}

async function given(text: string): Promise<TestEngine> {
  const address = parseAddress(text);
  const kind = await probeKind(address.socket, { signal });
  const version = kind === "dockerd" ? await dockerVersion({ ...address, kind }, { signal }) : undefined;
  const name = version === undefined ? kind : `dockerd-${majorMinor(version)}`;
  const keeps = version === undefined || keepsFailedState(version);
  return { name, dockerHost: text, kind, version, binDir: undefined, keepsFailedState: keeps };
}

/** BuildKit tells where a failed step's mounts are since 0.9, which came into Docker with 23.0. */
function keepsFailedState(version: string): boolean {
  return Number(version.split(".")[0]) >= 23;
}

function majorMinor(version: string): string {
  return version.split(".").slice(0, 2).join(".");
}

const leases = "users";

/** Says that this process uses the engines. */
async function takeLease(base: string): Promise<void> {
  await mkdir(join(base, leases), { recursive: true, mode: 0o700 });
  await writeFile(join(base, leases, String(process.pid)), JSON.stringify(await identityOf(process.pid)));
}

async function stop(base: string, { leaves } = { leaves: false }): Promise<void> {
  await rm(join(base, leases, String(process.pid)), { force: true });
  for (const name of await readdir(join(base, leases))) {
    const user: unknown = JSON.parse(await readFile(join(base, leases, name), "utf8"));
    if (isProcessIdentity(user) && (await isAlive(user))) return;
  }
  const stopping = AbortSignal.timeout(60_000);
  const left = await Promise.all(
    ["sid", "trixie", "bookworm"].map(async (suite) => {
      const found = await leftOn(join(base, suite), suite);
      await purgePrivateEngine(join(base, suite), { signal: stopping });
      return found.map((what) => `${suite}: ${what}`);
    }),
  );
  await rm(base, { recursive: true, force: true });
  // The engine's end would hide it: what bktui forgot there is a leak on the engine of a user.
  if (!leaves && left.flat().length > 0)
    throw new Error(`left behind on the test engines:\n${left.flat().join("\n")}`);
}

function say(line: string): void {
  process.stderr.write(`engines: ${line}\n`);
}
