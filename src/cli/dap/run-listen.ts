/** `bktui dap --listen`: several editors, each with a session of its own, on builds of their own or on one. */
import { BktuiError } from "../../base/errors.ts";
import { visibleText } from "../../base/visible.ts";
import type { DapHost } from "../../dap/host.ts";
import { DapListener } from "../../dap/listen/listener.ts";
import { parseListenPlace } from "../../dap/listen/place.ts";
import { parsed } from "../open/opened-build.ts";
import { interruptible } from "../unattended.ts";
import type { DapLine } from "./dap-command.ts";
import type { DapRun } from "./dap-run.ts";
import { readLaunchBody } from "./launch-body.ts";
import { launchedBuild } from "./launched-build.ts";
import { DapSessions } from "./sessions.ts";
import { Tokens } from "./token.ts";

/** They say which engine there is, and hold for the whole process. */
const OF_ENGINES = /^(DOCKER_|BUILDX_|BUILDKIT_)/;

/** Until it is interrupted; answers the exit code. @throws {BktuiError} for a wrong line, and where it cannot listen. */
export async function runListen(line: DapLine, where: string, run: DapRun): Promise<number> {
  const place = parseListenPlace(where);
  // Nobody has connected yet: its typist is told.
  parsed(["build", ...line.words], run);
  const tokens = place.kind === "tcp" ? new Tokens() : undefined;
  const onProblem = (words: string): void => run.stderr.line(`bktui dap: ${visibleText(words)}`);
  return await interruptible(run, async ({ signal }) => {
    await using sessions = new DapSessions();
    await using listener = await DapListener.start({
      place,
      env: run.env,
      what: "dap",
      onProblem,
      serve: async (streams, { signal: over }) => {
        const away = new AbortController();
        const host = hostOf(line, { run, sessions, check: tokens?.check(away) });
        await run.frontEnds.dap(host, streams, { signal: AbortSignal.any([over, away.signal]) });
      },
    });
    const secret = tokens === undefined ? {} : { token: tokens.token };
    run.stdout.line(JSON.stringify({ listening: { ...listener.address, ...secret } }));
    await fired(signal);
    // Before the connections: clients hear of the end by the build itself.
    await sessions[Symbol.asyncDispose]();
    throw new BktuiError("cancelled", "cancelled", { cause: signal.reason });
  });
}

function hostOf(
  line: DapLine,
  {
    run,
    sessions,
    check,
  }: {
    readonly run: DapRun;
    readonly sessions: DapSessions;
    readonly check: ((body: unknown) => void) | undefined;
  },
): DapHost {
  return {
    version: run.version,
    open: async (request, body, waiting) => {
      check?.(body);
      if (request === "attach")
        return await sessions.attach(readLaunchBody("attach", body, []).session, waiting);
      const notes: string[] = [];
      const setVariables = (variables: Readonly<Record<string, string>>): void => {
        const named = Object.keys(variables).filter((name) => OF_ENGINES.test(name));
        if (named.length > 0)
          notes.push(
            `${named.join(", ")} of "env" name no engine here, where several editors are served: "addr" or "builder" does`,
          );
      };
      const build = await launchedBuild(line, body, { run: { ...run, setVariables }, waiting });
      const added = sessions.add(build);
      return { ...added, notes: [...added.notes, ...notes.map(visibleText)] };
    },
  };
}

async function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
