/** Finds out what a shell can set again of what the container API drops, by setting it in a container of its own. */
import { BktuiError } from "../../base/errors.ts";
import type { Container, StepEnvironment } from "../engine.ts";
import type { ContainerMount, Restored } from "./container-plan.ts";
import { isRestorable, lackingIn, lackingWithoutSh, REPORT, sized, sizeLack } from "./restore.ts";

export interface RestoredQuestion {
  readonly environment: StepEnvironment;
  readonly mounts: readonly ContainerMount[];
}

/** Makes the container that the question is put to. */
type MakeContainer = (question: RestoredQuestion) => Promise<Container>;

/** Answers once per distinct question; a build's images and limits stay as they are. */
export class RestoredAnswers {
  readonly #make: MakeContainer;
  readonly #known = new Map<string, Restored>();

  constructor(make: MakeContainer) {
    this.#make = make;
  }

  /** Takes no time when nothing is dropped that could be set again, else that of a container (60 ms). */
  async of(
    { environment, mounts }: RestoredQuestion,
    { signal }: { readonly signal: AbortSignal },
  ): Promise<Restored> {
    if (!isRestorable(environment)) return { hasSh: false, lacking: sized(environment.mounts).map(sizeLack) };
    // Neither caches, which may be locked, nor secrets are needed for it.
    const needed = mounts.filter(({ mount }) => mount.dest === "/" || mount.kind === "tmpfs");
    const key = JSON.stringify([environment.meta, needed]);
    const known = this.#known.get(key) ?? (await this.#ask({ environment, mounts: needed }, signal));
    this.#known.set(key, known);
    return known;
  }

  async #ask(question: RestoredQuestion, signal: AbortSignal): Promise<Restored> {
    const { environment } = question;
    const report = await this.#report(question, signal);
    return report === undefined
      ? { hasSh: false, lacking: lackingWithoutSh(environment) }
      : { hasSh: true, lacking: lackingIn(report, environment) };
  }

  /** Undefined when there is no shell to ask. */
  async #report(question: RestoredQuestion, signal: AbortSignal): Promise<string | undefined> {
    await using container = await this.#make(question);
    try {
      const process = await container.start({ args: REPORT, env: [], terminal: undefined }, { signal });
      const chunks: Uint8Array[] = [];
      process.onData((chunk) => chunks.push(chunk));
      return (await process.exited) === 0 ? Buffer.concat(chunks).toString("latin1") : undefined;
    } catch (error) {
      // The engine's way to say that there is no such program.
      if (error instanceof BktuiError && error.code === "engine") return undefined;
      throw error;
    }
  }
}
