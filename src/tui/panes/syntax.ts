/** Colours for Dockerfiles: a tokeniser that never fails and looks at each character once. */
import { BktuiError } from "../../base/errors.ts";
import type { Line } from "../../graph/graph.ts";
import type { Role } from "./look.ts";

export interface SyntaxSpan {
  readonly text: string;
  readonly role: Role;
}

/** A Dockerfile's lines with what their colours depend on. Immutable. */
export interface SourceText {
  readonly lines: readonly string[];
  /** Spans whose texts joined give the line; empty for a line that does not exist. */
  spans(line: Line): readonly SyntaxSpan[];
}

export function sourceText(text: string): SourceText {
  throw new BktuiError("internal", `not written: ${text.length}`);
}
