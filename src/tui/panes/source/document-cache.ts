/** The source pane's document for each state, made once. */

import { readFileSync } from "node:fs";
import type { DebugState } from "../../../debugger/debugger.ts";
import { refusingWarnings } from "../../../debugger/explain/lint-words.ts";
import type { ProgressStore } from "../../../debugger/progress/progress-store.ts";
import { programOf } from "../../../debugger/state/inspect.ts";
import { FrontendFailed } from "../../../engine/failures.ts";
import { documentOfProgram, documentOfText, type SourceDocument } from "./source-document.ts";

/** A Dockerfile line may be 64 KiB, a file some 10,000 lines; beyond this nothing useful can be shown. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Keeps the document that was made last. */
export class DocumentCache {
  readonly #path: string | undefined;
  #document: SourceDocument;
  #madeFor: unknown;

  /** @param path of the Dockerfile; undefined = only the engine has it, and tells it with the definition or its refusal */
  constructor(path: string | undefined) {
    this.#path = path;
    this.#document = documentOfText(readAt(path) ?? "", undefined);
  }

  /** While a build is being opened the last document stays. */
  of(state: DebugState | undefined, progress: ProgressStore | undefined): SourceDocument {
    const program = programOf(state);
    if (program !== undefined) return this.#make(program, () => documentOfProgram(program));
    const error = state?.phase.kind === "broken" ? state.phase.error : undefined;
    if (error === undefined) return this.#document;
    const failure = error instanceof FrontendFailed ? error : undefined;
    const warnings = failure === undefined ? [] : refusingWarnings(failure, progress?.warnings ?? []);
    // They may come after the refusal.
    const key = `${state?.attempt} ${error.message} ${warnings.length}`;
    return this.#make(key, () =>
      documentOfText(readAt(this.#path) ?? failure?.text ?? "", failure, warnings),
    );
  }

  /** Lines that a warning of the frontend is about. */
  warnedLines(progress: ProgressStore | undefined): ReadonlySet<number> {
    return new Set(
      progress?.warnings.flatMap(({ ranges }) => ranges.map(({ start }) => Number(start))) ?? [],
    );
  }

  #make(key: unknown, make: () => SourceDocument): SourceDocument {
    if (key !== this.#madeFor) {
      this.#madeFor = key;
      this.#document = make();
    }
    return this.#document;
  }
}

/** undefined when the file cannot be read: the engine will say why. */
export function readAt(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path).subarray(0, MAX_BYTES).toString("utf8");
  } catch {
    return undefined;
  }
}
