/** `--json`: commands by lines in, answers and events as lines of JSON out. */
import { setMaxListeners } from "node:events";
import type { Answer, ConsoleEvent, ErrorAnswer } from "../answers/answers.ts";
import { harmless } from "../answers/harmless.ts";
import { ProgramConsole } from "../answers/program-console.ts";
import { errorAnswer } from "../answers/state-answer.ts";
import { BktuiError, toBktuiError } from "../base/errors.ts";
import { Scope } from "../base/scope.ts";
import { visibleText } from "../base/visible.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { Connect, EngineChoice } from "../console/connect.ts";
import { engineInWords } from "../console/phrases/engine-words.ts";
import { exitCodeAtEnd } from "../console/phrases/output-words.ts";
import { type ScriptLine, ScriptLines } from "../console/script-lines.ts";
import { editorsWords, type MakeEditorDoor, type Serve } from "../console/serving.ts";
import type { Settings } from "../console/settings.ts";
import type { BreakpointOrder } from "../debugger/breakpoint.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { BuildRequest } from "../engine/build-request.ts";
import { sourcePlace } from "../engine/build-sources.ts";
import { exitCodeOf, exitCodeOfSignal } from "../plain/exit-code.ts";
import { type InputStream, LineInput } from "../plain/lines/line-input.ts";
import type { ScriptRun } from "../plain/lines/script-run.ts";
import { exitCodeOfLoss, type Output } from "../plain/output.ts";
import { Interruption } from "../plain/signals.ts";
import { JsonWriter } from "./json-writer.ts";
import { readRequest } from "./read-request.ts";

export interface JsonRun {
  readonly request: BuildRequest;
  readonly breakpoints: readonly BreakpointOrder[];
  /** Do not stop on entry. */
  readonly run: boolean;
  /** After a failure all runs that does not need what failed. */
  readonly keepGoing: boolean;
  readonly notes: readonly string[];
  readonly engine: EngineChoice;
  readonly settings: Settings;
  /** Commands come from it, and it is judged; undefined = they come from standard input. */
  readonly script: { readonly stream: InputStream; readonly judged: ScriptRun } | undefined;
  /** By which name others may attach, "" = one is made up; undefined = nobody is to. */
  readonly serve: string | undefined;
  /** Where editors may attach, "" = a name is made up; undefined = not before `dap`. */
  readonly dap: string | undefined;
  /** Of bktui. */
  readonly version: string;
}

/** The process around it. */
export interface JsonPlace extends Surroundings {
  /** Undefined = no commands come: the build runs to where it stops, and that is all. */
  readonly stdin: InputStream | undefined;
  readonly stdout: Output;
  readonly stderr: Output;
}

interface Parts {
  readonly connect: Connect;
  readonly serve: Serve;
  readonly editors: MakeEditorDoor;
}

/** Of the lines; see src/answers/schema/lines.ts. */
const VERSION = 1;

/** So often it is seen whether anybody still reads: a pipe tells only who writes. */
const ALIVE_MS = 5000;

/** Answers that are not there yet: no more commands are read meanwhile. */
const MOST_PENDING = 1000;
/** As much as waits for the reader before no more commands are read. */
const MOST_UNREAD_CHARACTERS = 8 * 1024 * 1024;

/**
 * Runs until `quit`, or until the input has ended and all that was asked is answered. Answers the exit code: 0 when the
 * target was built, else 1; 128 + n after a signal, 141 when nobody reads any more.
 * @throws {BktuiError} without an engine, behind a last line that says so.
 */
export async function runJson(run: JsonRun, place: JsonPlace, parts: Parts): Promise<number> {
  const { stdout, stderr } = place;
  using signals = new Interruption();
  const signal = AbortSignal.any([signals.signal, stdout.closed]);
  const writer = new JsonWriter(stdout, (gap) => headed({ type: "gap", ...gap }));
  const end = (exitCode: number, error?: ErrorAnswer): number => {
    writer.write(headed({ type: "ended", exitCode, error }));
    writer.end();
    return exitCode;
  };
  const alive = setInterval(() => writer.writeIfQuiet(headed({ type: "alive" })), ALIVE_MS);
  try {
    const onProgress = (text: string): void => stderr.line(visibleText(text));
    // Ends last: editors hear of the end by the build itself.
    await using doors = new Scope();
    await using connected = await parts.connect(run.engine, { signal, onProgress });
    const session = new JsonSession(run, place, { debug: connected.debugger, writer, doors });
    return end(await session.run(parts, signal));
  } catch (error) {
    const failure = toBktuiError(error);
    if (!signal.aborted) {
      end(exitCodeOf(failure), plainError(failure));
      throw failure;
    }
    stderr.line("cancelled");
    const code = signals.exitCode ?? exitCodeOfLoss(stdout) ?? exitCodeOfSignal("SIGINT");
    return end(code, plainError(new BktuiError("cancelled", "interrupted")));
  } finally {
    clearInterval(alive);
  }
}

/** One run of `--json`, once there is an engine. */
class JsonSession {
  readonly #run: JsonRun;
  readonly #place: JsonPlace;
  readonly #debug: Debugger;
  readonly #writer: JsonWriter;
  readonly #doors: Scope;
  readonly #pending = new Set<Promise<void>>();
  #exitCode: number | undefined;
  #wake: () => void = () => undefined;

  constructor(
    run: JsonRun,
    place: JsonPlace,
    {
      debug,
      writer,
      doors,
    }: { readonly debug: Debugger; readonly writer: JsonWriter; readonly doors: Scope },
  ) {
    this.#run = run;
    this.#place = place;
    this.#debug = debug;
    this.#writer = writer;
    this.#doors = doors;
  }

  /** @throws the signal's reason */
  async run({ serve, editors }: Parts, outer: AbortSignal): Promise<number> {
    const { request, settings, notes, version } = this.#run;
    const { env, cwd } = this.#place;
    const leaving = new AbortController();
    const signal = AbortSignal.any([outer, leaving.signal]);
    // Every command that waits for its turn listens.
    setMaxListeners(0, signal);
    this.#hello({ bktui: version, source: sourcePlace(request), engine: engineInWords(this.#debug), notes });
    const ended = (code: number): void => this.#leave(code);
    const door = this.#doors.own(editors({ debugger: this.#debug, request, settings, end: ended }));
    await using own = new ProgramConsole({
      debug: this.#debug,
      request,
      surroundings: { env, cwd },
      settings,
      editors: door,
    });
    own.onEvent((event) => this.#tell(event));
    await using served =
      this.#run.serve === undefined
        ? undefined
        : await serve({ debugger: this.#debug, request, settings, name: this.#run.serve, end: ended });
    if (served !== undefined) this.#tell({ type: "note", words: `attach with: ${served.command}` });
    if (this.#run.dap !== undefined)
      this.#tell({ type: "note", words: await editorsWords(door, this.#run.dap) });
    outer.addEventListener("abort", () => this.#wake(), { once: true });
    const launched = this.#begin(own, signal);
    const { script } = this.#run;
    if (script !== undefined) return await this.#runScript(own, script, { launched, outer, signal, leaving });
    if (this.#place.stdin !== undefined) await this.#read(own, this.#place.stdin, signal);
    while (this.#exitCode === undefined && this.#pending.size > 0) await this.#something(outer);
    const code = this.#exitCode ?? exitCodeAtEnd(this.#debug.state.phase);
    outer.throwIfAborted();
    leaving.abort(new BktuiError("cancelled", "bktui is leaving"));
    await Promise.all(this.#pending);
    return code;
  }

  #begin(own: ProgramConsole, signal: AbortSignal): Promise<void> {
    const { breakpoints, run, keepGoing, settings } = this.#run;
    const launched = async (): Promise<void> => {
      const answer = await own.launch({ breakpoints, run, signal });
      this.#answer(undefined, answer);
      const hasFailed = answer.ok && answer.result.kind === "state" && answer.result.status === "failed";
      if (hasFailed && keepGoing) this.#answer(undefined, await own.perform("keep-going", { signal }));
      if (hasFailed && settings.build.onError === "exit") this.#leave(1);
    };
    const beginning = launched();
    this.#track(beginning);
    return beginning;
  }

  /** Its commands one after the other, to its end or the first one that cannot be done. Answers the verdict. */
  async #runScript(
    own: ProgramConsole,
    { stream, judged }: NonNullable<JsonRun["script"]>,
    {
      launched,
      outer,
      signal,
      leaving,
    }: {
      readonly launched: Promise<void>;
      readonly outer: AbortSignal;
      readonly signal: AbortSignal;
      readonly leaving: AbortController;
    },
  ): Promise<number> {
    using _limit = judged.limit(() => leaving.abort(new BktuiError("cancelled", "the script took too long")));
    using input = new LineInput(stream);
    const lines = new ScriptLines();
    await launched;
    while (this.#exitCode === undefined && !judged.isOver && !signal.aborted) {
      const text = await input.line();
      const next = text === undefined ? lines.end() : lines.take(text, input.number);
      if (next !== undefined) await this.#takeScripted(own, next, { judged, signal });
      if (text === undefined) break;
    }
    outer.throwIfAborted();
    return judged.verdict(this.#debug.state);
  }

  async #takeScripted(
    own: ProgramConsole,
    { number, text }: ScriptLine,
    { judged, signal }: { readonly judged: ScriptRun; readonly signal: AbortSignal },
  ): Promise<void> {
    judged.begin(number);
    const answer = await own.perform(text, { signal });
    this.#answer(undefined, answer, number);
    if (!answer.ok) {
      const { message, hint } = answer.error;
      if (!signal.aborted) judged.wrong([message, ...(hint === undefined ? [] : [`  ${hint}`])]);
      return;
    }
    if (answer.result.kind === "expected" && answer.result.end) judged.expectedEnd(this.#debug.state);
    if (answer.result.kind === "quit") this.#leave(answer.result.exitCode);
  }

  /** Until the input has ended or somebody quits. */
  async #read(own: ProgramConsole, stdin: InputStream, signal: AbortSignal): Promise<void> {
    using input = new LineInput(stdin);
    while (this.#exitCode === undefined) {
      signal.throwIfAborted();
      if (this.#pending.size >= MOST_PENDING || this.#writer.waiting > MOST_UNREAD_CHARACTERS) {
        await this.#something(signal);
        continue;
      }
      const left = new Promise<"left">((resolve) => {
        this.#wake = () => {
          if (this.#exitCode !== undefined || signal.aborted) resolve("left");
        };
      });
      const line = await Promise.race([input.line(), left]);
      if (line === undefined) return;
      if (this.#exitCode === undefined && !signal.aborted) this.#track(this.#take(own, line, signal));
    }
  }

  async #take(own: ProgramConsole, line: string, signal: AbortSignal): Promise<void> {
    const asked = readRequest(line);
    if ("error" in asked) {
      this.#answer(asked.id, { ok: false, error: plainError(asked.error) });
      return;
    }
    const answer = await own.perform(asked.command, { signal });
    // An empty line of a person is no question.
    if (asked.id === undefined && answer.ok && answer.result.kind === "nothing") return;
    this.#answer(asked.id, answer);
    if (answer.ok && answer.result.kind === "quit") this.#leave(answer.result.exitCode);
  }

  #leave(code: number): void {
    this.#exitCode ??= code;
    this.#wake();
  }

  /** Work that does not reject. */
  #track(work: Promise<void>): void {
    this.#pending.add(work);
    void work.finally(() => {
      this.#pending.delete(work);
      this.#wake();
    });
  }

  /** Resolves when an answer has been given, or it is time to leave. @throws the signal's reason */
  async #something(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    signal.throwIfAborted();
  }

  #hello(facts: object): void {
    this.#writer.write(headed(harmless({ type: "hello", ...facts }, (text) => this.#debug.masked(text))));
  }

  #answer(id: string | number | undefined, answer: Answer, line?: number): void {
    this.#writer.write(headed({ type: "answer", id, line, ...answer }));
  }

  #tell(event: ConsoleEvent): void {
    if (event.type === "log") this.#writer.writeThin(headed(event), event.lines.length);
    else if (event.type === "step") this.#writer.writeThin(headed(event), 0);
    else this.#writer.write(headed(event));
  }
}

function headed(line: object): object {
  return { v: VERSION, at: Date.now(), ...line };
}

/** Before there is an engine no secret has been read. */
function plainError(error: BktuiError): ErrorAnswer {
  return harmless(errorAnswer(error), (text) => text);
}
