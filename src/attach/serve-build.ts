/** Serves a debugger: what is behind the socket. Screens and shells are loaded when the first terminal wants one. */
import { basename } from "node:path";
import { buildStatusOf } from "../console/build-status.ts";
import { stopWords } from "../console/phrases/stop-words.ts";
import type { Served } from "../console/serving.ts";
import type { DebugState } from "../debugger/debugger.ts";
import { contextDirectory, sourcePlace } from "../engine/build-sources.ts";
import type { SharedDebugger } from "../tui/attached/shared-debugger.ts";
import type { AttachedShells } from "./attached-shells.ts";
import type { ServeOptions } from "./serve-options.ts";
import { AttachServer, type Visitor } from "./server.ts";

/** @throws {BktuiError} as `Serve`. */
export async function serveBuild(options: ServeOptions): Promise<Served> {
  const { debugger: debug, request, env, name } = options;
  const listeners = new Set<() => void>();
  let own: SharedDebugger | undefined;
  const shared = async (): Promise<SharedDebugger> => {
    if (options.shared !== undefined) return options.shared;
    const { sharedOf } = await import("./visit.ts");
    // Shells that somebody left open stay for the next one.
    own ??= sharedOf(options);
    return own;
  };
  let shells: AttachedShells | undefined;
  const visitShell = async (visitor: Visitor): Promise<string> => {
    // No screen comes with it: a program that draws nothing serves these.
    const { AttachedShells: Shells } = await import("./attached-shells.ts");
    shells ??= new Shells(options);
    return await shells.visit(visitor, server.shellCommand(visitor.hello.side));
  };
  const server = await AttachServer.start({
    env,
    name,
    what: basename(contextDirectory(request) ?? ""),
    facts: () => ({ what: sourcePlace(request), status: statusWords(debug.state) }),
    visit: async (visitor) => {
      if (visitor.hello.wish === "shell") return await visitShell(visitor);
      const { visit } = await import("./visit.ts");
      return await visit(visitor, { ...options, shared: await shared(), command: server.command });
    },
    onScreens: () => {
      for (const listener of [...listeners]) listener();
    },
  });
  return {
    command: server.command,
    path: server.path,
    get screens() {
      return server.screens;
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    conclude: (words) => server.end(words),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Promise.all([own?.[Symbol.asyncDispose](), shells?.[Symbol.asyncDispose]()]);
    },
  };
}

/** "FAILED before step 7/8 · line 10: RUN make (exit code 2)"; untrusted text. */
function statusWords(state: DebugState): string {
  const status = buildStatusOf(state).toUpperCase();
  return state.phase.kind === "paused" ? `${status} ${stopWords(state.phase, state)}` : status;
}
