/**
 * The shell is the step: a probe prints the same as a step's command and in a shell. What the shell cannot have is named
 * by bktui in words. What was seen is docs/fidelity.md, written with BKTUI_WRITE_DOCS=1.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { BktuiError } from "../../src/base/errors.ts";
import { purgePrivateEngine, startPrivateEngine } from "../../src/engine/private/private-engine.ts";
import { capabilitiesOf } from "../support/capabilities.ts";
import { forEachEngine } from "../support/engines.ts";
import { CASES, type FidelityCase } from "../support/fidelity-cases.ts";
import { FidelityTable } from "../support/fidelity-table.ts";
import { probeInsecure } from "../support/insecure-step.ts";
import { type Probed, probe, whyRefused } from "../support/probe.ts";
import type { TestEngine } from "../support/test-engine.ts";

const table = await FidelityTable.read();
const suite = inject("privateSuite");

/** Says in one cell what was seen. */
async function look(engine: TestEngine, each: FidelityCase): Promise<string> {
  const known = await capabilitiesOf(engine);
  const lacking = (each.needs ?? []).filter((id) => !known.has(id));
  if (lacking.length > 0) return `not known to this engine (${lacking.join(", ")})`;
  try {
    return verdict(await probe(engine, each));
  } catch (error) {
    const refused = whyRefused(error, each);
    if (refused === undefined) throw error;
    return refused;
  }
}

function verdict({ step, shells, differences }: Probed): string {
  const unlike = [...shells].filter(([, report]) => report !== step);
  // Whatever differs is named, and nothing is named that does not differ.
  if (unlike.length === 0 || differences.length === 0) {
    for (const [shell, report] of shells) expect(report, shell).toBe(step);
    expect(differences).toEqual([]);
    return "same";
  }
  expect(unlike.map(([shell]) => shell)).toEqual([...shells.keys()]);
  return `differs: ${differences.join("; ")}`;
}

const INSECURE = "RUN --security=insecure, with --shm-size";

/** What an engine makes of a step that wants all privileges. */
async function lookInsecure(engine: TestEngine): Promise<string> {
  const signal = AbortSignal.timeout(30_000);
  try {
    return verdict(await probeInsecure(engine, { entitlements: ["security.insecure"], signal }));
  } catch (error) {
    const configuration = /entitlement security\.insecure is not allowed by build daemon configuration/;
    if (error instanceof BktuiError && configuration.test(error.message)) {
      return "refused: this engine's configuration does not allow security.insecure";
    }
    throw error;
  }
}

function declareCases(column: string, engine: () => TestEngine): void {
  test.concurrent.each(CASES.map((each) => [each.name, each] as const))("%s", async (name, each) => {
    table.set(name, column, await look(engine(), each));
  });

  test.concurrent(INSECURE, async () => {
    table.set(INSECURE, column, await lookInsecure(engine()));
  });

  test("S38 · a step that wants all privileges is refused when the build was not allowed it", async () => {
    const signal = AbortSignal.timeout(30_000);
    await expect(probeInsecure(engine(), { entitlements: [], signal })).rejects.toThrow(
      "security.insecure is not allowed",
    );
  });
}

forEachEngine((engine) => {
  declareCases(engine.name, () => engine);
});

describe.runIf(suite !== undefined)("a dockerd that keeps images in containerd and allows everything", () => {
  let directory = "";
  let engine: TestEngine | undefined;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "bktui-fidelity-"));
    const daemonJson = {
      features: { "containerd-snapshotter": true },
      builder: { entitlements: { "security-insecure": true } },
    };
    const { address, version } = await startPrivateEngine(
      {
        kind: "dockerd",
        suite,
        directory: join(directory, "engine"),
        network: "isolated",
        daemonJson,
        onProgress: () => undefined,
      },
      { signal: AbortSignal.timeout(60_000) },
    );
    const { text: dockerHost, kind } = address;
    engine = { name: "", kind, version, dockerHost, binDir: undefined, keepsFailedState: true };
  });

  afterAll(async () => {
    await purgePrivateEngine(join(directory, "engine"), { signal: AbortSignal.timeout(60_000) });
    await rm(directory, { recursive: true });
  });

  declareCases("dockerd with containerd's store", () => {
    if (engine === undefined) throw new Error("the engine did not start");
    return engine;
  });
});

test("docs/fidelity.md says what was seen", async () => {
  const features = [...CASES.map(({ name }) => name), INSECURE];
  if (process.env["BKTUI_WRITE_DOCS"] === "1") await table.write(features);
  const { is, should } = (
    process.env["BKTUI_WRITE_DOCS"] === "1" ? await FidelityTable.read() : table
  ).compare(features);
  expect(is).toBe(should);
});
