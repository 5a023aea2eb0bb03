/** Runs the probe of test/fixtures/fidelity as a step's command and again in shells over the states of the step. */

import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Deadline } from "../../src/base/deadline.ts";
import { Scope } from "../../src/base/scope.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import { BuildkitEngine } from "../../src/engine/buildkit/engine.ts";
import type { Build, Container, ContainerSource, ProcessSpec } from "../../src/engine/engine.ts";
import { SolveFailed } from "../../src/engine/failures.ts";
import { parseAddress } from "../../src/transport/address.ts";
import { REQUEST } from "./debug-driver.ts";
import { busyboxContext } from "./engines.ts";
import type { FidelityCase } from "./fidelity-cases.ts";
import type { TestEngine } from "./test-engine.ts";

export const fixture = fileURLToPath(new URL("../fixtures/fidelity/", import.meta.url));
const DEADLINE_MS = 30_000;
/** With what the probe ends. */
const PROBE_EXIT = 3;
/** What a terminal adds by nature: its name, and its device. */
const OF_A_TERMINAL = /^(TERM=xterm|\/dev\/console .*|c\S+ \S+ \S+ console)\n/gm;

export interface Probed {
  readonly step: string;
  /** Report per shell, e.g. "BASE", "FAILED on a terminal". */
  readonly shells: ReadonlyMap<string, string>;
  /** As the shell's container names them. */
  readonly differences: readonly string[];
}

/** Builds the case until its step has printed its report, and asks each shell for the same. */
export async function probe(engine: TestEngine, each: FidelityCase): Promise<Probed> {
  await using scope = new Scope();
  using deadline = new Deadline(DEADLINE_MS);
  const { signal } = deadline;
  const log = new Report();
  const build = await openCase(engine, each, { scope, log, signal });
  const failure = await failureOf(build, signal);
  const step = await log.whole(signal);
  const shells = new Map<string, string>();
  let differences: readonly string[] = [];
  for (const [side, source] of sourcesOf(failure)) {
    for (const terminal of [undefined, { columns: 200, rows: 50 }]) {
      await using container = await build.container(source, { signal });
      differences = container.differences;
      const report = await reportOf(container, terminal, signal);
      if (terminal === undefined) shells.set(side, report);
      else shells.set(`${side} on a terminal`, report.replaceAll(OF_A_TERMINAL, ""));
    }
  }
  return { step, shells, differences };
}

/** Why an engine does not take a case that it need not know, in words; undefined for every other error. */
export function whyRefused(error: unknown, { flag }: FidelityCase): string | undefined {
  const message = error instanceof Error ? error.message : "";
  if (flag !== undefined && new RegExp(`unknown flag: (--)?${flag}`, "i").test(message)) {
    return `not known to this engine's frontend (RUN --${flag})`;
  }
  return undefined;
}

interface CaseParts {
  readonly scope: Scope;
  /** Gets the output of the case's step. */
  readonly log: Report;
  readonly signal: AbortSignal;
}

async function openCase(
  engine: TestEngine,
  { name, dockerfile, request }: FidelityCase,
  { scope, log, signal }: CaseParts,
): Promise<Build> {
  const Dockerfile = `${await readFile(join(fixture, "Dockerfile"), "utf8")}${dockerfile}\n`;
  const context = scope.own(await busyboxContext({ fixture, files: { Dockerfile, case: name } }));
  const agent = scope.own(await startAgent(join(tmpdir(), `bktui-agent-${randomUUID()}`)));
  const address = parseAddress(engine.dockerHost, engine.kind);
  const env = { PROBE_TOKEN: "s3cr3t value" };
  const client = scope.own(await BuildkitEngine.connect(address, { signal, origin: "test", env }));
  const wanted = {
    ...REQUEST,
    source: fromDockerfile(context.path, join(context.path, "Dockerfile")),
    ssh: [{ id: "default", paths: [agent.path] }],
    ...request,
  };
  // Only the probe prints this marker, so nothing need be known of the definition.
  return scope.own(
    await client.open(wanted, {
      signal,
      onProgress: (event) => {
        if (event.kind === "log") log.add(event.data);
      },
    }),
  );
}

async function failureOf(build: Build, signal: AbortSignal): Promise<SolveFailed> {
  const { result } = build.threads[0].graph;
  if (result === undefined) throw new Error("the case builds nothing");
  try {
    await build.solve([result], { signal });
  } catch (error) {
    if (error instanceof SolveFailed && error.exitCode === PROBE_EXIT) return error;
    throw error;
  }
  throw new Error("the probe did not end as it should");
}

function sourcesOf(failure: SolveFailed): readonly (readonly ["BASE" | "FAILED", ContainerSource])[] {
  const { vertex, states } = failure;
  if (vertex === undefined) throw new Error("the engine does not say which step failed");
  const base = ["BASE", { side: "base", vertex }] as const;
  return states === undefined ? [base] : [base, ["FAILED", { side: "failed", failure }]];
}

/** Runs the container's command, the probe, in it. */
export async function reportOf(
  container: Container,
  terminal: ProcessSpec["terminal"],
  signal: AbortSignal,
): Promise<string> {
  const { args } = container.environment.meta;
  const process = await container.start({ args, env: [], terminal }, { signal });
  const log = new Report();
  process.onData((chunk) => log.add(chunk));
  const report = log.whole(signal);
  report.then(
    () => process.write(Buffer.from("\n")),
    () => undefined,
  );
  const code = await process.exited;
  if (code !== PROBE_EXIT) throw new Error(`the probe ended with ${code}: ${log.text}`);
  return await report;
}

/** Output of one run of the probe as it comes in. */
export class Report {
  readonly #chunks: Uint8Array[] = [];
  #changed: () => void = () => {};

  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#changed();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }

  /** What stands between the markers, once both are there. */
  async whole(signal: AbortSignal): Promise<string> {
    for (;;) {
      const [, found] = /<<<< probe\r*\n(.*)>>>> probe/s.exec(this.text) ?? [];
      // A terminal ends lines with CR LF; runc 1.3 (dockerd 28.5) now and then with CR CR LF, when it is slow to start.
      if (found !== undefined) return found.replaceAll(/\r+\n/g, "\n");
      await this.#next(signal);
    }
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => reject(new Error(`no report, only: ${this.text}`));
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      this.#changed = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
    });
  }
}

/** A socket that an ssh mount can forward; nobody talks over it. */
async function startAgent(path: string): Promise<AsyncDisposable & { readonly path: string }> {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
