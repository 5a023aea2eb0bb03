/** The interface without a terminal: keys in, rows of text out. The debugger is the real reducer; the test answers for the engine. */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BktuiError } from "../../src/base/errors.ts";
import type { Command, Debugger, DebugState, Outcome } from "../../src/debugger/debugger.ts";
import { ProgressLog } from "../../src/debugger/progress/progress-log.ts";
import { statesOf } from "../../src/debugger/state/inspect.ts";
import { initialState, reduce } from "../../src/debugger/stepping/reduce.ts";
import { whyNot } from "../../src/debugger/stepping/refusals.ts";
import type { BuildRequest } from "../../src/engine/build-request.ts";
import { fromDockerfile } from "../../src/engine/build-sources.ts";
import type { EngineInfo, Progress } from "../../src/engine/engine.ts";
import type { Program } from "../../src/graph/program.ts";
import { AttachedDebugger } from "../../src/tui/attached/attached-debugger.ts";
import type { Size } from "../../src/tui/cells/rect.ts";
import { slice } from "../../src/tui/cells/width.ts";
import type { Keys } from "../../src/tui/commands/key-bindings.ts";
import { errorOverlay } from "../../src/tui/controls/command-ports.ts";
import { Controller } from "../../src/tui/controls/controller.ts";
import type { CommandPorts } from "../../src/tui/controls/ports.ts";
import { makeLook } from "../../src/tui/drawing/look.ts";
import { KeyDecoder } from "../../src/tui/input/decode.ts";
import { chromeRows } from "../../src/tui/screen/chrome.ts";
import { frameOf } from "../../src/tui/screen/frame.ts";
import { ViewMaker } from "../../src/tui/screen/view-maker.ts";
import { REQUEST } from "./debug-driver.ts";
import { digestOf } from "./graphs.ts";
import { HandStates } from "./hand-states.ts";

const ENGINE: EngineInfo = {
  kind: "dockerd",
  version: "28.5.2",
  address: "unix:///x.sock",
  origin: "DOCKER_HOST",
};

const ESC = "\u001b";
const SGR = new RegExp(`${ESC}\\[[0-9;]*m`, "g");

/** Takes out colours and nothing else: any other control sequence stays visible to the test. */
export function withoutStyle(text: string): string {
  return text.replaceAll(SGR, "");
}

/** A debugger whose engine is the test. */
export class HandDebugger implements Debugger {
  state: DebugState = initialState;
  readonly engine = ENGINE;
  readonly progress = new ProgressLog();
  readonly heldCaches = [];
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  dispatch(command: Command): void {
    this.apply(command);
  }
  apply(input: Command | Outcome): void {
    const { state } = reduce(this.state, input);
    if (state === this.state) return;
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
  whyNot(command: Command["kind"]): ReturnType<Debugger["whyNot"]> {
    return whyNot(this.state, command);
  }
  rest(): Promise<DebugState> {
    return Promise.resolve(this.state);
  }
  states(step: Parameters<Debugger["states"]>[0]): ReturnType<Debugger["states"]> {
    return statesOf(this.state, step);
  }
  environment(): Promise<never> {
    return Promise.reject(new BktuiError("not-now", "the test has no engine"));
  }
  masked(text: string): string {
    return text;
  }
  opText({ name }: Parameters<Debugger["opText"]>[0]): string {
    return JSON.stringify({ name }, undefined, 2);
  }
  lookUp(): Promise<never> {
    return Promise.reject(new BktuiError("not-now", "the test has no engine"));
  }
  exportState(): Promise<never> {
    return Promise.reject(new BktuiError("not-now", "the test has no engine"));
  }
  writeBundle(): Promise<never> {
    return Promise.reject(new BktuiError("not-now", "the test has no engine"));
  }
  readonly hand = new HandStates();
  files(...[, side, { path, signal }]: Parameters<Debugger["files"]>): ReturnType<Debugger["files"]> {
    return this.hand.listed(side, path, { signal });
  }
  readFile(...[, side, options]: Parameters<Debugger["readFile"]>): ReturnType<Debugger["readFile"]> {
    return this.hand.read(side, options);
  }
  changes(...[, side, options]: Parameters<Debugger["changes"]>): ReturnType<Debugger["changes"]> {
    return this.hand.changed(side, options);
  }
  container(): Promise<never> {
    return Promise.reject(new BktuiError("not-now", "the test has no engine"));
  }
  [Symbol.asyncDispose](): Promise<void> {
    this.progress[Symbol.dispose]();
    return Promise.resolve();
  }
}

export class ScreenFixture implements AsyncDisposable {
  readonly debug = new HandDebugger();
  readonly controller: Controller;
  readonly request: BuildRequest;
  readonly done: string[] = [];
  /** Exit code of the last quit. */
  quitWith: number | undefined;
  nowMs = 1_000_000;
  size: Size;
  #attached: AttachedDebugger | undefined;
  readonly #views: ViewMaker;
  readonly #directory: string;

  /** What the engine's absence is told as; undefined = there is one. */
  connectError: BktuiError | undefined;

  constructor(text: string, size: Size = { columns: 80, rows: 24 }, keys?: Keys) {
    this.size = size;
    this.#directory = mkdtempSync(join(tmpdir(), "bktui-screen-"));
    const dockerfile = join(this.#directory, "Dockerfile");
    writeFileSync(dockerfile, text);
    this.request = { ...REQUEST, source: fromDockerfile(this.#directory, dockerfile) };
    const look = makeLook({ env: { LANG: "C.UTF-8" }, color: "always" });
    this.#views = new ViewMaker({
      request: this.request,
      size: () => this.size,
      look: () => look,
      tick: () => 0,
      editor: () => undefined,
      connecting: () => undefined,
      connectError: () => this.connectError,
    });
    this.controller = new Controller({
      ports: this.#ports(),
      ...(keys === undefined ? {} : { keys }),
      nowMs: () => this.nowMs,
      onChange: () => undefined,
      viewOf: (controller) => this.#views.make(controller),
    });
  }

  /** Attaches the debugger and launches; the build is being opened then. */
  launch(options: { readonly run?: boolean } = {}): void {
    this.#attached = new AttachedDebugger({
      debug: this.debug,
      controller: this.controller,
      views: this.#views,
      keyboard: {
        hold: () => undefined,
        give: () => undefined,
        take: () => undefined,
        mirror: () => undefined,
      },
      request: this.request,
      breakpoints: [],
      run: options.run === true,
      color: true,
      onPaint: () => undefined,
      copy: (text) => this.done.push(`copy ${text}`),
      quit: (code) => {
        this.quitWith = code;
      },
      alert: (how, text) => this.done.push(`${how} ${text}`),
      nowMs: () => this.nowMs,
    });
    this.#attached.launch([]);
  }

  opened(program: Program): this {
    return this.answer({ kind: "opened", token: this.token, program });
  }

  /** Answers the solve under way. */
  solved(completed: readonly string[] = []): this {
    return this.answer({ kind: "solved", token: this.token, completed: completed.map(digestOf) });
  }

  answer(outcome: Outcome): this {
    this.debug.apply(outcome);
    return this;
  }

  report(...reports: readonly Progress[]): this {
    for (const report of reports) this.debug.progress.apply(report);
    this.controller.changed();
    return this;
  }

  get token(): number {
    const { phase } = this.debug.state;
    if ("token" in phase) return phase.token;
    throw new Error(`nothing is under way: ${phase.kind}`);
  }

  /** Bytes as a terminal sends them. */
  type(text: string): this {
    const decoder = new KeyDecoder();
    decoder.push(Buffer.from(text));
    for (let event = decoder.next(); event !== undefined; event = decoder.next())
      this.controller.onEvent(event);
    for (let event = decoder.flush(); event !== undefined; event = decoder.flush())
      this.controller.onEvent(event);
    return this;
  }

  /** What a reader sees: no colours, no blanks at the end. */
  rows(): readonly string[] {
    const view = this.controller.view();
    const frame = frameOf(view, chromeRows(view), undefined);
    const screen = Array.from({ length: this.size.rows }, (_, y) =>
      slice(frame.base[y] ?? "", 0, this.size.columns),
    );
    for (const { rect, content } of frame.layers) {
      const rows = content.rows(rect);
      for (let y = 0; y < rect.rows; y += 1) {
        const below = screen[rect.y + y];
        if (below === undefined) continue;
        const behind = rect.x + rect.columns;
        screen[rect.y + y] =
          slice(below, 0, rect.x) +
          slice(rows[y] ?? "", 0, rect.columns) +
          slice(below, behind, Math.max(0, this.size.columns - behind));
      }
    }
    return screen.map((text) => withoutStyle(text).trimEnd());
  }

  /** Row `y`, counted from 1 as people do. */
  row(y: number): string {
    return this.rows()[y - 1] ?? "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#attached?.[Symbol.asyncDispose]();
    await this.debug[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #ports(): CommandPorts {
    const done = (what: string): void => {
      this.done.push(what);
    };
    return {
      surroundings: { env: {}, cwd: "/" },
      quit: (code) => {
        this.quitWith = code;
      },
      letEditorsIn: async (where) => {
        done(`let editors in at "${where}"`);
        return "editors attach with: bktui dap attach app-1";
      },
      retry: () => false,
      editor: { isOpen: false, toKeyboard: () => false, left: () => undefined },
      dockerfile: () => "/unused",
      edit: (_file, line) => Promise.resolve(done(`edit ${line}`)),
      copy: (text) => done(`copy ${text}`),
      redraw: () => done("redraw"),
      suspend: () => done("suspend"),
      pasteToShell: (text) => done(`paste ${text}`),
      menuKey: (raw) => done(`menu ${raw}`),
      errorText: () => errorOverlay(this.controller, this.connectError),
      setTheme: () => undefined,
    };
  }
}
