/** A screen for a terminal that attached. */
import type { SharedDebugger as Shared } from "../tui/attached/shared-debugger.ts";
import { SharedDebugger } from "../tui/attached/shared-debugger.ts";
import { screenSettings } from "../tui/commands/settings.ts";
import { WATCHING_WORDS } from "../tui/commands/watching.ts";
import { runTui } from "../tui/tui.ts";
import { withTerminalOf } from "./hello.ts";
import type { ServeOptions } from "./serve-options.ts";
import type { Visitor } from "./server.ts";

/** For a debugger that has no screen of its own. */
export function sharedOf({ debugger: debug, request, settings, env }: ServeOptions): Shared {
  return new SharedDebugger({
    debug,
    request,
    color: true,
    surroundings: { env, cwd: process.cwd() },
    settings: () => screenSettings(settings),
  });
}

/** Until the screen is left; answers words for whoever left it. */
export async function visit(
  { hello, terminal, over }: Visitor,
  {
    shared,
    request,
    settings,
    env,
    startLocal,
    end,
    command,
  }: ServeOptions & { readonly shared: Shared; readonly command: string },
): Promise<string> {
  const { ascii } = settings.ui;
  await runTui({
    request,
    settings,
    terminal,
    startLocal,
    env: withTerminalOf(env, hello.env),
    ascii: ascii === "auto" ? undefined : ascii,
    breakpoints: [],
    run: true,
    notes: [hello.wish === "watch" ? WATCHING_WORDS : `attached to the build of process ${process.pid}`],
    visited: { shared, over, end, watches: hello.wish === "watch" },
    connect: () =>
      Promise.resolve({ debugger: shared.debug, [Symbol.asyncDispose]: () => Promise.resolve() }),
    // The process is another screen's too, or nobody's: its guard, or Node, sees to it.
    onFatal: () => undefined,
  });
  return `left; the build stays, and so does what is open in it: ${command} comes back`;
}
