/** What a frontend had solved before it answered: the engine reports it, and nothing of it can be stopped at. */
import type { Digest } from "../../graph/graph.ts";
import type { Build, Progress } from "../engine.ts";
import { threadWith } from "./build-threads.ts";

/** What every frontend and the engine itself do on the way to an answer. */
const USUAL =
  /^\[(?:internal|auth)\]|^(?:\[context \S+\] )?(?:load (?:metadata|image)|resolve image config) |^(?:docker-image|oci-layout|local|https?|git):\/\//;
const MOST_NAMES = 3;

/** Collects until it is asked what there was. */
export class FrontendSolves {
  readonly #names = new Map<Digest, string>();
  #isOver = false;

  add(progress: Progress): void {
    if (this.#isOver || progress.kind !== "vertex" || progress.startedMs === undefined) return;
    if (!USUAL.test(progress.name)) this.#names.set(progress.vertex, progress.name);
  }

  /** A sentence with untrusted names, when there is something to say. @param threads what is stepped through */
  told(threads: Build["threads"]): readonly string[] {
    this.#isOver = true;
    const names = [...this.#names].flatMap(([vertex, name]) =>
      threadWith(threads, vertex) === undefined ? [name] : [],
    );
    if (names.length === 0) return [];
    const some = names.slice(0, MOST_NAMES).join(", ");
    const more = names.length > MOST_NAMES ? `, and ${names.length - MOST_NAMES} more` : "";
    return [
      `the frontend had this run before it answered: ${some}${more}. BuildKit shows it in the log alone; it cannot be stopped at`,
    ];
  }
}
