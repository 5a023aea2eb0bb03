/** Reads the regular part of TypeScript that the protocol's published types are written in. Pure. */

export type TypeNode =
  | { readonly kind: "literal"; readonly value: string }
  /** A type of the language (string, number, boolean, any, null), or one that is declared. */
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "array"; readonly of: TypeNode }
  | { readonly kind: "union"; readonly of: readonly TypeNode[] }
  | { readonly kind: "object"; readonly fields: readonly Field[]; readonly index: TypeNode | undefined };

export interface Field {
  readonly name: string;
  readonly optional: boolean;
  readonly type: TypeNode;
}

export interface Declaration {
  readonly base: string | undefined;
  readonly type: TypeNode;
}

const TOKEN = /'[^'\n]*'|[A-Za-z_][A-Za-z0-9_]*|[{}()[\]|;:?=]/y;

/** All interfaces and named types of a module. @throws {Error} at what is not understood. */
export function parseTypes(text: string): ReadonlyMap<string, Declaration> {
  const tokens = new Tokens(text);
  while (!tokens.takes("{")) tokens.take();
  const found = new Map<string, Declaration>();
  while (!tokens.takes("}")) {
    const kind = tokens.take();
    const name = tokens.take();
    if (found.has(name)) throw new Error(`${name} is declared twice`);
    if (kind === "interface") {
      const base = tokens.takes("extends") ? tokens.take() : undefined;
      tokens.expect("{");
      found.set(name, { base, type: objectBody(tokens) });
    } else if (kind === "type") {
      tokens.expect("=");
      found.set(name, { base: undefined, type: union(tokens) });
      tokens.expect(";");
    } else throw new Error(`neither an interface nor a type: ${kind} ${name}`);
  }
  return found;
}

function union(tokens: Tokens): TypeNode {
  const first = part(tokens);
  const all = [first];
  while (tokens.takes("|")) all.push(part(tokens));
  return all.length === 1 ? first : { kind: "union", of: all };
}

function part(tokens: Tokens): TypeNode {
  let type = single(tokens);
  while (tokens.takes("[")) {
    tokens.expect("]");
    type = { kind: "array", of: type };
  }
  return type;
}

function single(tokens: Tokens): TypeNode {
  const token = tokens.take();
  if (token.startsWith("'")) return { kind: "literal", value: token.slice(1, -1) };
  if (token === "{") return objectBody(tokens);
  if (token === "(") {
    const inner = union(tokens);
    tokens.expect(")");
    return inner;
  }
  if (!/^[A-Za-z_]/.test(token)) throw new Error(`no type begins with ${token}`);
  return { kind: "name", name: token };
}

/** Behind its opening brace. */
function objectBody(tokens: Tokens): TypeNode {
  const fields: Field[] = [];
  let index: TypeNode | undefined;
  while (!tokens.takes("}")) {
    if (tokens.takes("[")) {
      tokens.take();
      for (const token of [":", "string", "]", ":"]) tokens.expect(token);
      index = union(tokens);
    } else {
      const name = tokens.take();
      const optional = tokens.takes("?");
      tokens.expect(":");
      fields.push({ name, optional, type: union(tokens) });
    }
    tokens.expect(";");
  }
  return { kind: "object", fields, index };
}

class Tokens {
  readonly #all: readonly string[];
  #at = 0;

  constructor(text: string) {
    const plain = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, " ");
    const all: string[] = [];
    for (let at = 0; ; ) {
      at += /^\s*/.exec(plain.slice(at, at + 200))?.[0].length ?? 0;
      if (at >= plain.length) break;
      if (/\s/.test(plain[at] ?? "")) continue;
      TOKEN.lastIndex = at;
      const [token] = TOKEN.exec(plain) ?? [];
      if (token === undefined) throw new Error(`not understood: ${plain.slice(at, at + 60)}`);
      all.push(token);
      at += token.length;
    }
    this.#all = all;
  }

  take(): string {
    const token = this.#all[this.#at];
    if (token === undefined) throw new Error("it ends too early");
    this.#at += 1;
    return token;
  }

  takes(token: string): boolean {
    if (this.#all[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  expect(token: string): void {
    const taken = this.take();
    if (taken !== token) throw new Error(`${token} was expected, not ${taken}`);
  }
}
