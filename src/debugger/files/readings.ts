/** Files and changes of states, read when the Files pane shows them and kept for the attempt. */
import { type BktuiError, toBktuiError } from "../../base/errors.ts";
import { inSlices } from "../../base/slices.ts";
import type { FileEntry, StateSide } from "../../engine/engine.ts";
import type { StepId } from "../../graph/program.ts";
import type { Debugger, FileChange } from "../debugger.ts";
import { type ChangeTree, changeTree } from "./change-tree.ts";
import { changedText, type FileText, fileText, maskedText, type ReadPart } from "./file-text.ts";

export type Reading<T> =
  | { readonly kind: "reading" }
  | { readonly kind: "known"; readonly value: T }
  | { readonly kind: "refused"; readonly error: BktuiError };

export interface KnownChanges {
  readonly tree: ChangeTree;
  /** Untrusted text. */
  readonly problems: readonly string[];
}

type Compared = Exclude<StateSide, "base">;

interface Place {
  readonly step: StepId;
  readonly side: StateSide;
}

/** Texts that stay in memory, at most a few MiB each. */
const MOST_TEXTS = 20;

/** The readings of one attempt. Disposing ends those under way. */
export class FileReadings implements Disposable {
  readonly #debug: Debugger;
  readonly #onLoaded: () => void;
  readonly #changes = new Map<string, Reading<KnownChanges>>();
  readonly #directories = new Map<string, Reading<readonly FileEntry[]>>();
  readonly #texts = new Map<string, Reading<FileText>>();
  #attempt = 0;
  #stops = 0;
  #shown = 0;
  #stop = new AbortController();
  /** Reading one text ends the reading of the one before: the cursor has moved on. */
  #textStop = new AbortController();
  #version = 0;

  constructor(debug: Debugger, onLoaded: () => void) {
    this.#debug = debug;
    this.#onLoaded = onLoaded;
  }

  /** Grows with each thing that becomes known or is forgotten. */
  get version(): number {
    return this.#version;
  }

  /** Fires at the next stop: until then the states are as they are. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Asks the first time. */
  changes(step: StepId, side: Compared): Reading<KnownChanges> {
    return this.#ask(this.#changes, this.#keyOf(step, side), this.#stop.signal, async (signal) => {
      const { changes, problems } = await this.#debug.changes(step, side, { signal });
      return { tree: await inSlices(changeTree(changes), { signal }), problems };
    });
  }

  /** What is known; asks nobody. */
  knownChanges(step: StepId, side: Compared): KnownChanges | undefined {
    const reading = this.#changes.get(this.#keyOf(step, side));
    return reading?.kind === "known" ? reading.value : undefined;
  }

  directory({ step, side }: Place, path: string): Reading<readonly FileEntry[]> {
    return this.#ask(this.#directories, `${this.#keyOf(step, side)}:${path}`, this.#stop.signal, (signal) =>
      this.#debug.files(step, side, { path, signal }),
    );
  }

  /** What a step did to a file. */
  diff(step: StepId, side: Compared, change: FileChange): Reading<FileText> {
    const { path } = change;
    const read = {
      before: readPartOf(this.#debug, { step, side: "base" }, path),
      after: readPartOf(this.#debug, { step, side }, path),
    };
    return this.#text(`${this.#keyOf(step, side)}:diff:${path}`, (signal) =>
      changedText(change, read, { signal }),
    );
  }

  file(place: Place, path: string, entry: FileEntry): Reading<FileText> {
    return this.#text(`${this.#keyOf(place.step, place.side)}:file:${path}`, (signal) =>
      fileText(entry, readPartOf(this.#debug, place, path), "same", { signal }),
    );
  }

  /** The user asks again: what was refused may be there now. */
  again(): void {
    for (const readings of [this.#changes, this.#directories, this.#texts]) forget(readings, ["refused"]);
    this.#version += 1;
  }

  /** Each thread has a program of its own. */
  #keyOf(step: StepId, side: StateSide): string {
    return `${this.#debug.state.shown}:${step}:${side}`;
  }

  /** A new stop, or another thread, ends all reading; a new attempt has states of its own. */
  observe(): void {
    const { attempt, stops, shown } = this.#debug.state;
    if (attempt === this.#attempt && stops === this.#stops && shown === this.#shown) return;
    const kinds = attempt === this.#attempt ? UNFINISHED : ALL;
    this.#attempt = attempt;
    this.#stops = stops;
    this.#shown = shown;
    this.#stop.abort();
    this.#textStop.abort();
    this.#stop = new AbortController();
    for (const readings of [this.#changes, this.#directories, this.#texts]) forget(readings, kinds);
    this.#version += 1;
  }

  [Symbol.dispose](): void {
    this.#stop.abort();
    this.#textStop.abort();
  }

  #text(key: string, load: (signal: AbortSignal) => Promise<FileText>): Reading<FileText> {
    if (!this.#texts.has(key)) {
      this.#textStop.abort();
      this.#textStop = new AbortController();
      forget(this.#texts, ["reading"]);
      const [oldest] = this.#texts.keys();
      if (oldest !== undefined && this.#texts.size >= MOST_TEXTS) this.#texts.delete(oldest);
    }
    return this.#ask(this.#texts, key, this.#textStop.signal, async (signal) =>
      maskedText(await load(signal), this.#debug),
    );
  }

  #ask<T>(
    readings: Map<string, Reading<T>>,
    key: string,
    signal: AbortSignal,
    load: (signal: AbortSignal) => Promise<T>,
  ): Reading<T> {
    const known = readings.get(key);
    if (known !== undefined) return known;
    const reading = { kind: "reading" } as const;
    readings.set(key, reading);
    void this.#load(readings, key, signal, load);
    return reading;
  }

  /** A refusal is kept, and shown in the pane. */
  async #load<T>(
    readings: Map<string, Reading<T>>,
    key: string,
    signal: AbortSignal,
    load: (signal: AbortSignal) => Promise<T>,
  ): Promise<void> {
    let result: Reading<T>;
    try {
      result = { kind: "known", value: await load(signal) };
    } catch (error) {
      result = { kind: "refused", error: toBktuiError(error) };
    }
    if (signal.aborted) return;
    readings.set(key, result);
    this.#version += 1;
    this.#onLoaded();
  }
}

export function readPartOf(debug: Debugger, { step, side }: Place, path: string): ReadPart {
  return (part, { signal }) => debug.readFile(step, side, { path, ...part, signal });
}

type Kinds = readonly Reading<unknown>["kind"][];
const UNFINISHED: Kinds = ["reading", "refused"];
const ALL: Kinds = ["reading", "refused", "known"];

function forget(readings: Map<string, Reading<unknown>>, kinds: Kinds): void {
  for (const [key, { kind }] of readings) if (kinds.includes(kind)) readings.delete(key);
}
