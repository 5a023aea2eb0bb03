/** Editors beside a screen: they attach to its debugger, each with a session of its own, and all see the same build. */
import { basename } from "node:path";
import { ProgramConsole } from "../../answers/program-console.ts";
import { BktuiError } from "../../base/errors.ts";
import { ADAPTERS, isUsualFolder, nameOf } from "../../base/socket-folder.ts";
import type { Surroundings } from "../../console/build-options.ts";
import type { EditorDoor, Serve, Served, ServedBuild } from "../../console/serving.ts";
import type { DapBuild, DapHost, ServeDap } from "../../dap/host.ts";
import { DapListener } from "../../dap/listen/listener.ts";
import { parseListenPlace } from "../../dap/listen/place.ts";
import { contextDirectory } from "../../engine/build-sources.ts";
import { secretMask } from "../secret-mask.ts";
import { Tokens } from "./token.ts";

export interface EditorDoorOptions extends Omit<ServedBuild, "name">, Surroundings {
  readonly version: string;
  /** Program and first arguments of one more bktui. */
  readonly ownCommand: readonly string[];
  readonly serveDap: ServeDap;
  /** For shells in terminals. */
  readonly serve: Serve;
}

/** Of one debugger. */
export class DapDoor implements EditorDoor {
  readonly #options: EditorDoorOptions;
  #opening: Promise<{ readonly listener: DapListener; readonly words: string }> | undefined;
  #served: Promise<Served> | undefined;

  constructor(options: EditorDoorOptions) {
    this.#options = options;
  }

  async open(where: string): Promise<string> {
    if (where !== "" && this.#opening !== undefined)
      throw new BktuiError("not-now", `editors attach already: ${(await this.#opening).words}`, {
        hint: "several can attach there",
      });
    this.#opening ??= this.#listen(where);
    try {
      return (await this.#opening).words;
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.listener[Symbol.asyncDispose]();
    await (await this.#served?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  async #listen(where: string): Promise<{ readonly listener: DapListener; readonly words: string }> {
    const { env, request, serveDap } = this.#options;
    const place = parseListenPlace(where);
    const tokens = place.kind === "tcp" ? new Tokens() : undefined;
    const mask = await secretMask(request, env);
    const listener = await DapListener.start({
      place,
      env,
      what: basename(contextDirectory(request) ?? ""),
      // The screen is no place for what went wrong with a connection: who connected sees it.
      onProblem: () => undefined,
      serve: async (streams, { signal }) => {
        const away = new AbortController();
        const host = this.#host(mask, tokens?.check(away));
        await serveDap(host, streams, { signal: AbortSignal.any([signal, away.signal]) });
      },
    });
    return { listener, words: wordsOf(listener, tokens) };
  }

  #host(mask: (text: string) => string, check: ((body: unknown) => void) | undefined): DapHost {
    const { version } = this.#options;
    return {
      version,
      // Some extensions can only launch: they get the build that there is.
      open: async (_request, body) => {
        check?.(body);
        return await Promise.resolve(this.#build(mask));
      },
    };
  }

  #build(mask: (text: string) => string): DapBuild {
    const { debugger: debug, request, settings, env, cwd, ownCommand, end } = this.#options;
    const own = new ProgramConsole({ debug, request, surroundings: { env, cwd }, settings });
    return {
      debug,
      console: own,
      request: debug.state.request ?? request,
      breakpoints: [],
      run: true,
      atFailure: "pause",
      isShared: true,
      others: [],
      notes: [],
      again: () => Promise.resolve({}),
      masked: (text) => mask(debug.masked(text)),
      shellCommand: async (side) => {
        this.#served ??= this.#options.serve({ debugger: debug, request, settings, name: "", end });
        const { path } = await this.#served;
        return [...ownCommand, "attach", "--shell", "--side", side, path];
      },
      end: () => Promise.resolve(end(0)),
      [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    };
  }
}

function wordsOf({ address }: DapListener, tokens: Tokens | undefined): string {
  if (!("path" in address))
    return `tcp:${hostOf(address.host)}:${address.port}, token ${tokens?.token ?? ""}`;
  const { path } = address;
  const isFound = isUsualFolder(path.slice(0, path.lastIndexOf("/")), ADAPTERS);
  return `bktui dap attach ${isFound ? nameOf(path) : path}`;
}

function hostOf(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
