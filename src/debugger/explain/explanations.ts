/** Explains where the build stands: at once with what is known, and again when something was looked up. */
import type { Debugger } from "../debugger.ts";
import type { Answer, Question } from "../questions/questions.ts";
import { explain, questionOf, sighted, sightQuestion } from "./explain.ts";
import type { Explanation } from "./explanation.ts";
import type { Scene } from "./facts.ts";

/** The explanation of the present stop, renewed when something was looked up. Disposing ends the looks under way. */
export class Explanations implements Disposable {
  readonly #debug: Debugger;
  readonly #onAnswer: () => void;
  /** By attempt and question; undefined while the engine looks, and when it refuses. */
  readonly #answers = new Map<string, Answer | undefined>();
  readonly #stop = new AbortController();
  #last:
    | {
        readonly of: Scene;
        readonly version: number;
        readonly answers: number;
        readonly explanation: Explanation | undefined;
      }
    | undefined;
  /** Counts answers. */
  #answered = 0;

  constructor(debug: Debugger, onAnswer: () => void) {
    this.#debug = debug;
    this.#onAnswer = onAnswer;
  }

  /** @param lines the Dockerfile as it is shown */
  get(lines: readonly string[]): Explanation | undefined {
    const { state, progress, engine } = this.#debug;
    if (state.phase.kind !== "paused" && state.phase.kind !== "broken" && state.phase.kind !== "lost")
      return undefined;
    const { version } = progress;
    const last = this.#last;
    // Drawn many times between two changes.
    if (last?.of.state === state && last.version === version && last.answers === this.#answered) {
      return last.explanation;
    }
    const bare: Scene = { state, progress, engine, text: lines.join("\n"), answer: undefined };
    const scene = this.#withSights({ ...bare, answer: this.#answerTo(bare) });
    const explanation = explain(scene);
    this.#last = { of: scene, version, answers: this.#answered, explanation };
    return explanation;
  }

  /** As it was given last. */
  get shown(): Explanation | undefined {
    return this.#last?.explanation;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
  }

  #answerTo(scene: Scene): Answer | undefined {
    return this.#ask(scene, questionOf(scene));
  }

  /** With everything that was seen so far; what is to be looked at next is asked for. */
  #withSights(scene: Scene): Scene {
    const question = sightQuestion(scene);
    const answer = this.#ask(scene, question);
    const next =
      question === undefined || answer === undefined ? undefined : sighted(scene, question, answer);
    return next === undefined ? scene : this.#withSights(next);
  }

  #ask(scene: Scene, question: Question | undefined): Answer | undefined {
    if (question === undefined) return undefined;
    const key = `${scene.state.attempt} ${JSON.stringify(question)}`;
    if (this.#answers.has(key)) return this.#answers.get(key);
    this.#answers.set(key, undefined);
    void this.#look(key, question);
    return undefined;
  }

  async #look(key: string, question: Question): Promise<void> {
    const { signal } = this.#stop;
    try {
      const answer = await this.#debug.lookUp(question, { signal });
      if (signal.aborted) return;
      this.#answers.set(key, answer);
      this.#answered += 1;
      this.#onAnswer();
    } catch {
      // The failure stays explained without it.
    }
  }
}
