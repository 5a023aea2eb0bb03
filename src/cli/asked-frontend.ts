/** `--call`: what the frontend answers, printed as docker prints it. */
import { relative } from "node:path";
import type { CallMethod } from "../console/values/call.ts";
import { sourceName, withoutPassword } from "../engine/build-sources.ts";
import { callReport } from "../plain/call-report.ts";
import type { Output } from "../plain/output.ts";
import type { DebugOptions } from "./debug-options.ts";
import type { FrontEnds, ScreenRun } from "./front-ends.ts";
import { interruptible, unaskedUnless } from "./unattended.ts";

/** The frontend answers, nothing is built. */
export async function askInstead(
  call: CallMethod,
  {
    options,
    run,
    line,
    frontEnds,
  }: {
    readonly options: DebugOptions;
    readonly run: ScreenRun;
    readonly line: { readonly cwd: string; readonly stdout: Output; readonly stderr: Output };
    readonly frontEnds: FrontEnds;
  },
): Promise<number> {
  return await interruptible(line, async (waiting) => {
    for (const note of run.notes) line.stderr.line(`#0 note: ${note}`);
    await using connected = await frontEnds.connect(unaskedUnless(false, run.engine, options), waiting);
    const { signal } = waiting;
    const onProgress = (): void => undefined;
    const reply = await connected.engine.subrequest(run.request, call.name, { signal, onProgress });
    const report = callReport(call, reply, nameOfDockerfile(run.request, line.cwd));
    for (const row of report.lines) line.stdout.line(row);
    for (const row of report.error) line.stderr.line(row);
    return report.exitCode;
  });
}

/** As it would be typed here; docker prints what was typed. */
function nameOfDockerfile(request: ScreenRun["request"], cwd: string): string {
  if (request.source.kind !== "dockerfile") return sourceName(request);
  const { dockerfile } = request.source;
  if (typeof dockerfile !== "string") {
    if (dockerfile.kind === "copy") return "stdin";
    return dockerfile.kind === "url" ? withoutPassword(dockerfile.url) : dockerfile.path;
  }
  const path = relative(cwd, dockerfile);
  return path.startsWith("..") ? dockerfile : path;
}
