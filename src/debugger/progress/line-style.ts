/** Colours and the like (SGR) as a terminal remembers them: what is set anew takes the place of what was. */

/** A longer value is no colour that anybody writes. */
const MOST_OF_A_VALUE = 24;
/** By kind: what turns it off, then what turns it on; of each kind one value counts. */
const KINDS: readonly (readonly string[])[] = [
  ["39", ...range(30, 38), ...range(90, 97)],
  ["49", ...range(40, 48), ...range(100, 107)],
  ["59", "58"],
  ["22", "1", "2"],
  ["23", "3", "20"],
  ["24", "4", "21"],
  ["25", "5", "6"],
  ["27", "7"],
  ["28", "8"],
  ["29", "9"],
  ["54", "51", "52"],
  ["55", "53"],
];
const KIND_OF = new Map(KINDS.flatMap((codes, kind) => codes.map((code) => [code, kind] as const)));

/** How characters look from here on. */
export class LineStyle {
  /** By kind; "" = as usual. */
  #values: string[] = KINDS.map(() => "");
  #sequence = "";

  /** What sets it, about 100 characters at most; "" = nothing is set. */
  get sequence(): string {
    return this.#sequence;
  }

  copy(): LineStyle {
    const copy = new LineStyle();
    copy.#values = [...this.#values];
    copy.#sequence = this.#sequence;
    return copy;
  }

  /** @param values of a sequence, as in `1;38;5;208` */
  apply(values: string): void {
    // Every other sequence is this one.
    if (values === "" || values === "0") {
      if (this.#sequence !== "") this.#values.fill("");
      this.#sequence = "";
      return;
    }
    const parts = values.split(";");
    for (let at = 0; at < parts.length; ) at += this.#take(parts, at);
    const set = this.#values.filter((value) => value !== "").join(";");
    this.#sequence = set === "" ? "" : `\u001b[${set}m`;
  }

  /** Returns how many parts belong to the one at hand. */
  #take(parts: readonly string[], at: number): number {
    const part = parts[at] ?? "";
    if (/^0*$/.test(part)) {
      this.#values.fill("");
      return 1;
    }
    const code = part.replace(/^0+|:.*/g, "");
    const isColour = part === "38" || part === "48" || part === "58";
    const count = isColour ? 1 + colourParts(parts[at + 1]) : 1;
    const value = parts.slice(at, at + count).join(";");
    const kind = KIND_OF.get(code);
    if (kind === undefined || value.length > MOST_OF_A_VALUE) return count;
    this.#values[kind] = code === KINDS[kind]?.[0] || part === "4:0" ? "" : value;
    return count;
  }
}

/** Behind 38, 48 and 58: one of 256 colours, or red, green and blue. */
function colourParts(model: string | undefined): number {
  if (model === "5") return 2;
  return model === "2" ? 4 : 0;
}

function range(first: number, last: number): readonly string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
}
