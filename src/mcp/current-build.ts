/** The one build that a server debugs: its console, and runs that go on after their call was answered. */
import type { Answer, Result, StateAnswer } from "../answers/answers.ts";
import { BktuiError } from "../base/errors.ts";
import { quietly } from "../base/quietly.ts";
import type { BuildConsole, LaunchedBuild } from "./contract.ts";
import { AnsweredError } from "./failed.ts";

const NO_BUILD = "no build has been launched";

/** Disposing ends the build. */
export class CurrentBuild implements AsyncDisposable {
  #build: LaunchedBuild | undefined;
  #launching: Promise<unknown> = Promise.resolve();
  #isOver = false;

  get launched(): LaunchedBuild | undefined {
    return this.#build;
  }

  /** @throws {BktuiError} "not-now". */
  get build(): LaunchedBuild {
    if (this.#build !== undefined) return this.#build;
    throw new BktuiError("not-now", NO_BUILD, { hint: "The tool launch begins one." });
  }

  /** The former build has ended by then. */
  async replace(launch: () => Promise<LaunchedBuild>): Promise<LaunchedBuild> {
    await this.end();
    const launching = launch();
    this.#launching = launching.catch(() => undefined);
    const build = await launching;
    this.#build = build;
    if (!this.#isOver) return build;
    await this.end();
    throw new BktuiError("cancelled", "the client is gone");
  }

  /** False when there was none. */
  async end(): Promise<boolean> {
    const build = this.#build;
    this.#build = undefined;
    if (build === undefined) return false;
    await quietly(build[Symbol.asyncDispose]());
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#launching;
    await this.end();
  }

  /** @throws {AnsweredError} what the console says is wrong. */
  async perform(text: string, signal: AbortSignal): Promise<Result> {
    return await this.answer((console) => console.perform(text, { signal }), signal);
  }

  /** @throws {AnsweredError} what the console says is wrong; the signal's reason */
  async answer(ask: (console: BuildConsole) => Promise<Answer>, signal: AbortSignal): Promise<Result> {
    const answer = await ask(this.build.console);
    signal.throwIfAborted();
    if (answer.ok) return answer.result;
    throw new AnsweredError(answer.error);
  }

  state(): StateAnswer {
    return this.build.console.state();
  }

  /** What is hidden in everything that a client gets. */
  masked(text: string): string {
    return this.#build?.masked(text) ?? text;
  }
}
