/** Conditions as typed -> trees. A parser of its own: nothing of a condition is ever run. Pure. */
import { BktuiError } from "../../../base/errors.ts";
import { compilePattern } from "../../../base/pattern.ts";
import { visibleLine } from "../../../base/visible.ts";
import { type Comparison, type Expression, FACTS } from "./expression.ts";
import { Scanner, type Token } from "./scanner.ts";

/** As `base/pattern.ts` for patterns: enough for anything that a person types. */
const MOST_CHARACTERS = 1000;
const DEEPEST = 50;
const COMPARISONS: readonly Comparison[] = ["==", "!=", "<", "<=", ">", ">=", "contains"];
const NAMES = `ENV.NAME, ARG.NAME, $NAME, ${FACTS.join(", ")}, file("/PATH"), exists("/PATH")`;

/** @throws {BktuiError} "usage" with the column, counted from 1. */
export function parseExpression(text: string): Expression {
  const { expression, end, scanner } = read(text, 0);
  if (end < text.length) throw scanner.error(end, `"${wordAt(text, end)}" is not understood here`);
  return expression;
}

/** The longest expression from a place on, and where it ends. @throws {BktuiError} as `parseExpression`. */
export function parseExpressionAt(
  text: string,
  from: number,
): { readonly expression: Expression; readonly end: number } {
  return read(text, from);
}

function read(
  text: string,
  from: number,
): { readonly expression: Expression; readonly end: number; readonly scanner: Scanner } {
  const scanner = new Scanner(text, from);
  const expression = new Parser(scanner, from).parse();
  return { expression, end: endOf(scanner), scanner };
}

/** What stands behind it need not be of this language. */
function endOf(scanner: Scanner): number {
  try {
    return scanner.next.at;
  } catch (error) {
    if (!(error instanceof BktuiError)) throw error;
    return scanner.lastEnd;
  }
}

class Parser {
  readonly #scanner: Scanner;
  readonly #from: number;
  #depth = 0;

  constructor(scanner: Scanner, from: number) {
    this.#scanner = scanner;
    this.#from = from;
  }

  parse(): Expression {
    if (this.#scanner.text.length - this.#from > MOST_CHARACTERS)
      throw new BktuiError("usage", `a condition has ${MOST_CHARACTERS} characters at most`);
    return this.#or();
  }

  #or(): Expression {
    const parts = [this.#and()];
    while (this.#scanner.takes("||")) parts.push(this.#and());
    return joined("or", parts);
  }

  #and(): Expression {
    const parts = [this.#compared()];
    while (this.#scanner.takes("&&")) parts.push(this.#compared());
    return joined("and", parts);
  }

  #compared(): Expression {
    const left = this.#single();
    const by = COMPARISONS.find((each) => this.#isNext(each));
    if (by !== undefined) {
      this.#scanner.take();
      return this.#alone({ kind: "compare", by, left, right: this.#single() });
    }
    if (!this.#isNext("=~")) return left;
    const { at } = this.#scanner.take();
    const source = this.#scanner.pattern();
    try {
      return this.#alone({ kind: "match", left, source, pattern: compilePattern(source) });
    } catch (error) {
      if (!(error instanceof BktuiError)) throw error;
      throw error.message.startsWith("not a pattern") ? this.#scanner.error(at, error.message) : error;
    }
  }

  /** `a == b == c` would mean something else to everybody. */
  #alone(comparison: Expression): Expression {
    const { next } = this.#scanner;
    if ([...COMPARISONS, "=~"].some((each) => this.#isNext(each)))
      throw this.#scanner.error(next.at, "what is compared already cannot be compared again; && joins two");
    return comparison;
  }

  #isNext(sign: string): boolean {
    const { next } = this.#scanner;
    return (next.kind === "sign" && next.sign === sign) || (next.kind === "word" && next.word === sign);
  }

  #single(): Expression {
    const token = this.#scanner.take();
    switch (token.kind) {
      case "number":
      case "text":
        return { kind: "value", value: token.value };
      case "variable":
        return { kind: "variable", scope: "any", name: token.name };
      case "word":
        return this.#word(token);
      case "end":
        throw this.#scanner.error(token.at, "something is missing here");
      case "sign":
        return this.#signed(token);
    }
  }

  #signed(token: Extract<Token, { kind: "sign" }>): Expression {
    if (token.sign !== "!" && token.sign !== "(")
      throw this.#scanner.error(token.at, `a name or a value is missing before "${token.sign}"`);
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw this.#scanner.error(token.at, `nothing goes deeper than ${DEEPEST}`);
    const inner = token.sign === "!" ? ({ kind: "not", of: this.#single() } as const) : this.#closed(token);
    this.#depth -= 1;
    return inner;
  }

  #closed({ at }: Token): Expression {
    const inner = this.#or();
    if (!this.#scanner.takes(")")) throw this.#scanner.error(at, '"(" is not closed');
    return inner;
  }

  #word({ at, word }: Extract<Token, { kind: "word" }>): Expression {
    if (word === "true" || word === "false") return { kind: "value", value: word === "true" };
    if (word === "ENV" || word === "ARG")
      return { kind: "variable", scope: word, name: this.#nameAfter(word) };
    if (word === "file" || word === "exists") return { kind: word, path: this.#path(word, at) };
    const fact = FACTS.find((each) => each === word);
    if (fact !== undefined) return { kind: "fact", fact };
    throw this.#scanner.error(
      at,
      `"${visibleLine(word)}" is no name; names are ${NAMES}, and texts stand in quotes`,
    );
  }

  #nameAfter(scope: string): string {
    const { at } = this.#scanner.next;
    const isDotted = this.#scanner.takes(".");
    const name = isDotted ? this.#scanner.take() : undefined;
    if (name?.kind !== "word")
      throw this.#scanner.error(name?.at ?? at, `${scope} wants a name: ${scope}.NAME`);
    return name.word;
  }

  #path(word: string, at: number): string {
    const isOpen = this.#scanner.takes("(");
    const path = isOpen ? this.#scanner.take() : undefined;
    if (path?.kind !== "text" || !this.#scanner.takes(")"))
      throw this.#scanner.error(path?.at ?? at, `${word} wants a path in quotes: ${word}("/etc/passwd")`);
    const problem = pathProblem(path.value);
    if (problem !== undefined) throw this.#scanner.error(path.at, problem);
    return path.value;
  }
}

const LONGEST_PATH = 4096;

/** Why a path of a state cannot be asked for; undefined when it can. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return "a path of a state begins with /";
  if ([...path].some(isControl)) return "a path has no control characters";
  if (path.length > LONGEST_PATH) return `a path has ${LONGEST_PATH} characters at most`;
  if (path.split("/").some((name) => name === "." || name === ".."))
    return 'a path has no "." and ".." in it';
  return undefined;
}

function isControl(char: string): boolean {
  const code = char.charCodeAt(0);
  return code < 0x20 || code === 0x7f;
}

function joined(kind: "and" | "or", parts: readonly Expression[]): Expression {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind, parts };
}

function wordAt(text: string, at: number): string {
  return visibleLine(/^\S*/.exec(text.slice(at, at + 30))?.[0] ?? "");
}
