/** vitest setupFiles of all projects on engines: a test that failed may have met an engine that hangs. */
import { afterEach } from "vitest";
import { testEngines } from "./engines.ts";

const ALL_MS = 240_000;

afterEach(async ({ task }) => {
  if (task.result?.state !== "fail") return;
  // Late: it loads most of the program, and hardly ever does a test fail.
  const { keepRunning } = await import("./running-engines.ts");
  const signal = AbortSignal.timeout(ALL_MS);
  await Promise.all(testEngines().map(async (engine) => await keepRunning(engine, { signal })));
}, ALL_MS);
