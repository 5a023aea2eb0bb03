/** Which carriage returns are part of what a message is about, and which belong to the line's end or draw it anew. */

/** Stands for the character wherever a person reads it. */
export const CARRIAGE_RETURN = "^M";

/** A name as it was meant. */
export function withoutCarriageReturn(text: string): string {
  return text.endsWith(CARRIAGE_RETURN) ? text.slice(0, -CARRIAGE_RETURN.length) : text;
}

/**
 * What stands behind a carriage return that belongs to a name in a message, as in `env: 'bash\r': No such file`: the
 * end of what the name stands in. Who draws a line anew begins with something else.
 */
export const BEHIND_A_NAME = String.raw`(?:['"${"`"}’”»](?=[\s.,:;)\]}]|$)|[:;,](?=\s|$)|[\])}]| \(no such package\))`;
/** `sh: set: illegal option -`, `E: Unable to locate package curl`: what was meant ends with the carriage return. */
const COMPLAINT =
  /^[^\s:]+: .*\b(?:illegal|invalid|unknown|unrecognized|unexpected|bad|unable|cannot|can't|couldn't|could not|not|no such)\b.*[^\s.]$/i;
const MOST_OF_A_COMPLAINT = 500;
/** The letter behind the dash is the carriage return itself. */
const NAMELESS_OPTION = /: illegal option -$/i;

/** The line ends of one stream. */
export class LineEnds {
  /** A line ended with `\r\n` and was about no carriage return: the others of the stream end so, too. */
  #areWindows = false;

  /**
   * The text of a line that does not move, without the carriage return of `\r\n`; where that is what the message is
   * about it stays, as in a script whose lines end with it.
   */
  without(line: string): string {
    return line.endsWith("\r") ? this.#judged(line.replace(/\r+$/, "")) : line;
  }

  /** As `without`, of what a line that moved looks like and how it ended. */
  ofMoved(shown: string, rest: string): string {
    return rest.endsWith("\r") ? this.#judged(shown) : shown;
  }

  /** As `without`, of a line that may go on. */
  soFar(line: string): string {
    const text = line.replace(/\r+$/, "");
    return text !== line && this.#isAbout(text) ? `${text}\r` : text;
  }

  #judged(text: string): string {
    if (this.#isAbout(text)) return `${text}\r`;
    this.#areWindows ||= !isComplaint(text);
    return text;
  }

  #isAbout(text: string): boolean {
    return NAMELESS_OPTION.test(text.slice(-MOST_OF_A_COMPLAINT)) || (!this.#areWindows && isComplaint(text));
  }
}

function isComplaint(text: string): boolean {
  return text.length <= MOST_OF_A_COMPLAINT && COMPLAINT.test(text);
}
