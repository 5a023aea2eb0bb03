/**
 * Regular expressions whose time is bounded: JavaScript's own may take minutes over one line, and a pattern may come with
 * somebody else's repository. All ways through the pattern are followed at once (Thompson), case is ignored. Pure.
 */
import { BktuiError, unreachable } from "./errors.ts";

type Test = (char: string) => boolean;
type Boundary = "start" | "end" | "word" | "inside";

type Node =
  | { readonly kind: "char"; readonly test: Test }
  | { readonly kind: "boundary"; readonly at: Boundary }
  | { readonly kind: "all" | "either"; readonly items: readonly Node[] }
  | { readonly kind: "repeat"; readonly item: Node; readonly least: number; readonly most: number };

type Instruction =
  | { readonly op: "char"; readonly test: Test }
  | { readonly op: "boundary"; readonly at: Boundary }
  | { readonly op: "go"; to: number; or?: number }
  | { readonly op: "match" };

const MAX_SOURCE = 200;
const MAX_INSTRUCTIONS = 2000;
const MAX_REPEAT = 100;

/** Work that matching may still cost, in single steps; about 10 ns each. */
export interface Budget {
  left: number;
}

export interface Pattern {
  /** Whether the text contains a match. @throws {BktuiError} "bad-request" when the budget is used up. */
  isIn(text: string, budget: Budget): boolean;
}

/**
 * Understands `. [] () | * + ? {n,m} ^ $ \b \d \w \s` and their opposites; everything else is a character.
 * @throws {BktuiError} "usage" saying what is wrong with the pattern.
 */
export function compilePattern(source: string): Pattern {
  if (source === "") throw wrong("it is empty");
  if (source.length > MAX_SOURCE) throw wrong(`it is longer than ${MAX_SOURCE} characters`);
  const program: Instruction[] = [];
  emit(new Parser(source).parse(), program);
  program.push({ op: "match" });
  return { isIn: (text, budget) => search(program, text, budget) };
}

class Parser {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Node {
    const node = this.#either();
    if (this.#at < this.#source.length) throw wrong('")" closes nothing; \\) is the character');
    return node;
  }

  #either(): Node {
    const items = [this.#all()];
    while (this.#take("|")) items.push(this.#all());
    return { kind: "either", items };
  }

  #all(): Node {
    const items: Node[] = [];
    for (;;) {
      const char = this.#source[this.#at];
      if (char === undefined || char === "|" || char === ")") return { kind: "all", items };
      items.push(this.#repeated(this.#single()));
    }
  }

  #repeated(item: Node): Node {
    const [least, most] = this.#counts() ?? [1, 1];
    if (least === 1 && most === 1) return item;
    // Where a match ends does not matter here, so "as few as possible" is the same.
    this.#take("?");
    if (this.#counts() !== undefined) throw wrong("nothing stands between two repetitions");
    return { kind: "repeat", item, least, most };
  }

  #counts(): readonly [number, number] | undefined {
    if (this.#take("*")) return [0, Number.POSITIVE_INFINITY];
    if (this.#take("+")) return [1, Number.POSITIVE_INFINITY];
    if (this.#take("?")) return [0, 1];
    const [all, first, comma, last] = /^\{(\d{1,3})(,?)(\d{0,3})\}/.exec(this.#source.slice(this.#at)) ?? [];
    if (all === undefined) return undefined;
    this.#at += all.length;
    const least = Number(first);
    const most = last !== "" ? Number(last) : comma === "" ? least : Number.POSITIVE_INFINITY;
    if (least > MAX_REPEAT || (most > MAX_REPEAT && most !== Number.POSITIVE_INFINITY) || most < least)
      throw wrong(`${all}: counts go up to ${MAX_REPEAT}, the smaller one first`);
    return [least, most];
  }

  #single(): Node {
    const char = this.#next();
    switch (char) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "char", test: this.#oneOf() };
      case ".":
        return { kind: "char", test: () => true };
      case "^":
        return { kind: "boundary", at: "start" };
      case "$":
        return { kind: "boundary", at: "end" };
      case "\\":
        return this.#escaped();
      case "*":
      case "+":
      case "?":
        throw wrong(`"${char}" repeats nothing; \\${char} is the character`);
      default:
        return { kind: "char", test: same(char) };
    }
  }

  #group(): Node {
    if (this.#take("?") && !this.#take(":"))
      throw wrong('"(?" is not understood: no looking ahead or behind, no names');
    const inner = this.#either();
    if (!this.#take(")")) throw wrong('"(" is not closed; \\( is the character');
    return inner;
  }

  #escaped(): Node {
    const char = this.#escapedChar();
    if (char === "b") return { kind: "boundary", at: "word" };
    if (char === "B") return { kind: "boundary", at: "inside" };
    if (/[1-9]/.test(char)) throw wrong(`"\\${char}" is not understood: no references to groups`);
    return { kind: "char", test: classOf(char) ?? same(char === "t" ? "\t" : char) };
  }

  #escapedChar(): string {
    if (this.#at >= this.#source.length) throw wrong('it ends with "\\"; \\\\ is the character');
    return this.#next();
  }

  #oneOf(): Test {
    const not = this.#take("^");
    const tests: Test[] = [];
    for (let first = true; first || this.#source[this.#at] !== "]"; first = false) {
      if (this.#at >= this.#source.length) throw wrong('"[" is not closed; \\[ is the character');
      const low = this.#next();
      const named = low === "\\" ? this.#escapedChar() : undefined;
      const known = named === undefined ? undefined : classOf(named);
      const from = named === "t" ? "\t" : (named ?? low);
      const isRange = known === undefined && /^-[^\]]/.test(this.#source.slice(this.#at));
      if (!isRange) {
        tests.push(known ?? same(from));
        continue;
      }
      this.#at += 1;
      const high = this.#next();
      const to = high === "\\" ? this.#escapedChar() : high;
      if (to < from) throw wrong(`"${from}-${to}" is the wrong way round`);
      tests.push((char) => bothCases(char).some((each) => from <= each && each <= to));
    }
    this.#at += 1;
    return (char) => tests.some((test) => test(char)) !== not;
  }

  #next(): string {
    const char = String.fromCodePoint(this.#source.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    return char;
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }
}

function classOf(letter: string): Test | undefined {
  switch (letter) {
    case "d":
      return (char) => /\d/.test(char);
    case "D":
      return (char) => /\D/.test(char);
    case "w":
      return isWord;
    case "W":
      return (char) => !isWord(char);
    case "s":
      return (char) => /\s/.test(char);
    case "S":
      return (char) => /\S/.test(char);
    default:
      return undefined;
  }
}

function isWord(char: string): boolean {
  return /\w/.test(char);
}

function same(wanted: string): Test {
  const lower = wanted.toLowerCase();
  return (char) => char === wanted || char.toLowerCase() === lower;
}

function bothCases(char: string): readonly string[] {
  return [char, char.toLowerCase(), char.toUpperCase()];
}

function emit(node: Node, program: Instruction[]): void {
  if (program.length > MAX_INSTRUCTIONS) throw wrong("its repetitions are too large");
  switch (node.kind) {
    case "char":
      program.push({ op: "char", test: node.test });
      return;
    case "boundary":
      program.push({ op: "boundary", at: node.at });
      return;
    case "all":
      for (const item of node.items) emit(item, program);
      return;
    case "either":
      emitEither(node.items, program);
      return;
    case "repeat":
      emitRepeat(node, program);
      return;
    default:
      unreachable(node);
  }
}

function emitEither(items: readonly Node[], program: Instruction[]): void {
  const ends: Extract<Instruction, { op: "go" }>[] = [];
  for (const [index, item] of items.entries()) {
    const isLast = index === items.length - 1;
    const fork: Instruction = { op: "go", to: program.length + 1 };
    if (!isLast) program.push(fork);
    emit(item, program);
    if (isLast) break;
    const end: Instruction = { op: "go", to: 0 };
    ends.push(end);
    program.push(end);
    fork.or = program.length;
  }
  for (const end of ends) end.to = program.length;
}

function emitRepeat({ item, least, most }: Extract<Node, { kind: "repeat" }>, program: Instruction[]): void {
  for (let count = 0; count < least; count++) emit(item, program);
  if (most === Number.POSITIVE_INFINITY) {
    const start = program.length;
    const fork: Instruction = { op: "go", to: start + 1 };
    program.push(fork);
    emit(item, program);
    program.push({ op: "go", to: start });
    fork.or = program.length;
    return;
  }
  const forks: Extract<Instruction, { op: "go" }>[] = [];
  for (let count = least; count < most; count++) {
    const fork: Instruction = { op: "go", to: program.length + 1 };
    forks.push(fork);
    program.push(fork);
    emit(item, program);
  }
  for (const fork of forks) fork.or = program.length;
}

/** Every way at once: at each character the set of places in the program that can have been reached. */
function search(program: readonly Instruction[], text: string, budget: Budget): boolean {
  const chars = [...text];
  let places = new Set<number>();
  for (let at = 0; at <= chars.length; at++) {
    const reached = new Set<number>();
    for (const place of [...places, 0]) if (follow(program, place, chars, at, reached, budget)) return true;
    const char = chars[at];
    if (char === undefined) return false;
    places = new Set();
    for (const place of reached) {
      const instruction = program[place];
      if (instruction?.op === "char" && instruction.test(char)) places.add(place + 1);
    }
  }
  return false;
}

/** Adds what can be reached from a place without a character; true when that is the end. */
function follow(
  program: readonly Instruction[],
  from: number,
  chars: readonly string[],
  at: number,
  reached: Set<number>,
  budget: Budget,
): boolean {
  const pending = [from];
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    if (reached.has(place)) continue;
    reached.add(place);
    budget.left -= 1;
    if (budget.left < 0) throw new BktuiError("bad-request", "the pattern takes too long on this file");
    const instruction = program[place];
    if (instruction === undefined || instruction.op === "char") continue;
    if (instruction.op === "match") return true;
    if (instruction.op === "boundary") {
      if (isAtBoundary(instruction.at, chars, at)) pending.push(place + 1);
      continue;
    }
    pending.push(instruction.to);
    if (instruction.or !== undefined) pending.push(instruction.or);
  }
  return false;
}

function isAtBoundary(boundary: Boundary, chars: readonly string[], at: number): boolean {
  switch (boundary) {
    case "start":
      return at === 0;
    case "end":
      return at === chars.length;
    case "word":
    case "inside": {
      const turns = isWord(chars[at - 1] ?? " ") !== isWord(chars[at] ?? " ");
      return turns === (boundary === "word");
    }
    default:
      return unreachable(boundary);
  }
}

function wrong(why: string): BktuiError {
  return new BktuiError("usage", `not a pattern: ${why}`);
}
