/** Looks for a source where the build looked, and says what is there in its place. All reads are bounded. */
import { posix } from "node:path";
import { unreachable } from "../../../base/errors.ts";
import { compileGlob, globOf, isGlob } from "../../../base/glob.ts";
import { nearest, spellingOf } from "../../../base/near.ts";
import type { IgnoreRule, TreeEntry } from "../../../engine/engine.ts";
import type { Hop, MissingSource, Near, SourceFinding, TargetFinding } from "../../questions/finding.ts";
import { type Followed, follow, partsOf } from "./follow.ts";
import { joinPath, type SourceTree } from "./tree.ts";

const MOST_NEAR = 3;
/** Names that are compared with a pattern. */
const MOST_ENTRIES = 50_000;
/** Matches that are looked at one by one. */
const MOST_MATCHES = 200;

type Signal = { readonly signal: AbortSignal };
type Absent = Extract<Followed, { kind: "absent" }>;

/** Undefined when it is not known, e.g. for a malformed pattern. */
export async function searchSource(
  tree: SourceTree,
  { path, isPattern }: MissingSource,
  { signal }: Signal,
): Promise<SourceFinding | undefined> {
  return await new Search(tree, signal).find(partsOf(path), isPattern);
}

/** Where a destination leads in the state that a step started from. */
export async function searchTarget(
  tree: SourceTree,
  path: string,
  { signal }: Signal,
): Promise<TargetFinding> {
  const followed = await follow(tree, partsOf(path), { signal });
  switch (followed.kind) {
    case "reached":
      return { kind: followed.entry === "directory" ? "directory" : "file", path: tree.shown(followed.path) };
    case "no-directory":
      return { kind: "file", path: tree.shown(followed.file) };
    case "absent":
      return { kind: "nothing" };
    case "loop":
      return { kind: "loop", hops: onceEach(tree, followed.hops) };
    default:
      return unreachable(followed);
  }
}

/** Of a circle each link once. */
function onceEach(tree: SourceTree, hops: readonly Hop[]): readonly Hop[] {
  const again = hops.findIndex(({ link }, index) => index > 0 && link === hops[0]?.link);
  return shownHops(tree, again < 0 ? hops.slice(0, MOST_NEAR) : hops.slice(0, again));
}

function shownHops(tree: SourceTree, hops: readonly Hop[]): readonly Hop[] {
  return hops.map(({ link, target }) => ({ link: tree.shown(link), target }));
}

class Search {
  readonly #tree: SourceTree;
  readonly #options: Signal;

  constructor(tree: SourceTree, signal: AbortSignal) {
    this.#tree = tree;
    this.#options = { signal };
  }

  async find(parts: readonly string[], isPattern: boolean): Promise<SourceFinding | undefined> {
    const wild = isPattern ? parts.findIndex(isGlob) : -1;
    if (wild < 0) return await this.#findPath(parts, []);
    const literal = await this.#literal(parts);
    if (literal !== undefined) return literal;
    const start = await follow(this.#tree, parts.slice(0, wild), this.#options);
    if (start.kind !== "reached") return await this.#missing(start, parts.slice(wild));
    if (start.entry !== "directory") return { kind: "no-directory", file: this.#tree.shown(start.path) };
    return await this.#findMatches(start, parts.slice(wild));
  }

  async #findPath(parts: readonly string[], below: readonly string[]): Promise<SourceFinding> {
    const followed = await follow(this.#tree, parts, this.#options);
    if (followed.kind !== "reached") return await this.#missing(followed, below);
    const { path, hops, last, chain } = followed;
    for (const place of [...hops.map(({ link }) => link), path]) {
      const rules = await this.#tree.hiddenBy(place, this.#options);
      if (rules.length === 0) continue;
      const hop = place === path ? last : undefined;
      return { kind: "hidden", examples: [this.#tree.shown(place)], count: 1, rules, hop };
    }
    return { kind: "there", isNew: await this.#isNew(chain), isDirectory: followed.entry === "directory" };
  }

  /** A name with brackets in it is taken for a pattern, which does not match it. */
  async #literal(parts: readonly string[]): Promise<SourceFinding | undefined> {
    const reached = await follow(this.#tree, parts, this.#options);
    if (reached.kind !== "reached" || !parts.some((part) => compileGlob(part)?.(part) !== true))
      return undefined;
    const path = this.#tree.shown(parts.join("/"));
    return { kind: "literal", path, pattern: this.#tree.shown(parts.map(globOf).join("/")) };
  }

  async #findMatches(
    { path: start, chain }: Extract<Followed, { kind: "reached" }>,
    rest: readonly string[],
  ): Promise<SourceFinding | undefined> {
    let level: readonly string[] = [start];
    for (const [index, part] of rest.entries()) {
      const isMatch = compileGlob(part);
      if (isMatch === undefined) return undefined;
      const next = await this.#matching(level, isMatch, index === rest.length - 1);
      if (next.length === 0) {
        const [only] = level.length === 1 ? level : [start];
        return await this.#noMatch(only ?? start, level.length === 1 ? rest.slice(index) : rest);
      }
      level = next;
    }
    return await this.#ofMatches(level, chain);
  }

  /** Links to directories are not entered: BuildKit does not, either. */
  async #matching(
    directories: readonly string[],
    isMatch: (name: string) => boolean,
    isLast: boolean,
  ): Promise<readonly string[]> {
    const found: string[] = [];
    let seen = 0;
    for (const directory of directories) {
      for (const { name, kind } of (await this.#tree.readDir(directory, this.#options)) ?? []) {
        if (++seen > MOST_ENTRIES) return found;
        if ((isLast || kind === "directory") && isMatch(name)) found.push(joinPath(directory, name));
      }
    }
    return found;
  }

  async #ofMatches(matches: readonly string[], chain: readonly string[]): Promise<SourceFinding> {
    const rules = new Map<string, IgnoreRule>();
    let isNew = false;
    let isThere = false;
    for (const path of matches.slice(0, MOST_MATCHES)) {
      const finding = await this.#findPath(partsOf(path), []);
      if (finding.kind === "hidden") {
        for (const rule of finding.rules) rules.set(`${rule.line}`, rule);
      } else if (finding.kind === "there") {
        isThere = true;
        isNew ||= finding.isNew;
      } else {
        return finding;
      }
    }
    if (isThere) {
      return { kind: "there", isNew: isNew || (await this.#isNew(chain)), isDirectory: false };
    }
    const examples = matches.slice(0, MOST_NEAR).map((path) => this.#tree.shown(path));
    const lines = [...rules.values()].sort((a, b) => a.line - b.line);
    return { kind: "hidden", examples, count: matches.length, rules: lines, hop: undefined };
  }

  async #noMatch(directory: string, rest: readonly string[]): Promise<SourceFinding> {
    const entries = (await this.#tree.readDir(directory, this.#options)) ?? [];
    const [first = ""] = rest;
    const folded = rest.length === 1 ? compileGlob(first.normalize("NFC").toLowerCase()) : undefined;
    const near: Near[] = [];
    for (const { name } of entries) {
      if (near.length >= MOST_NEAR || folded?.(name.normalize("NFC").toLowerCase()) !== true) continue;
      const path = joinPath(directory, name);
      if (await this.#isThere(partsOf(path)))
        near.push({ path: this.#tree.shown(path), spelling: "capitals" });
    }
    const last = rest.at(-1) ?? "";
    const isMatch = /^\*+$/.test(last) ? undefined : compileGlob(last);
    const elsewhere = isMatch === undefined ? [] : await this.#tree.find(isMatch, MOST_NEAR, this.#options);
    return {
      kind: "absent",
      directory: this.#tree.shown(directory),
      part: rest.join("/"),
      names: entries.map(listed),
      near,
      elsewhere: elsewhere.map((path) => this.#tree.shown(path)),
    };
  }

  /** @param below what was to be looked for behind the path */
  async #missing(
    followed: Exclude<Followed, { kind: "reached" }>,
    below: readonly string[],
  ): Promise<SourceFinding> {
    switch (followed.kind) {
      case "no-directory":
        return { kind: "no-directory", file: this.#tree.shown(followed.file) };
      case "loop":
        return {
          kind: "link",
          problem: "loop",
          hops: onceEach(this.#tree, followed.hops),
          missing: "",
          inside: undefined,
        };
      case "absent":
        if (followed.ofTarget !== undefined) return await this.#badLink(followed, followed.ofTarget);
        return await this.#absent(followed, below);
      default:
        return unreachable(followed);
    }
  }

  async #badLink(
    { directory, part, rest, hops, leadsOut }: Absent,
    ofTarget: number,
  ): Promise<SourceFinding> {
    const { outside } = this.#tree;
    const last = hops.at(-1);
    let inside: string | undefined;
    if (outside !== undefined && last?.target.startsWith(`${outside}/`)) {
      const path = last.target.slice(outside.length + 1);
      if (await this.#isThere(partsOf(path))) inside = posix.relative(posix.dirname(last.link), path);
    }
    return {
      kind: "link",
      problem: leadsOut && outside !== undefined ? "outside" : "dangling",
      hops: shownHops(this.#tree, hops),
      missing: this.#tree.shown(joinPath(directory, part, ...rest.slice(0, ofTarget))),
      inside,
    };
  }

  async #absent({ directory, part, rest }: Absent, below: readonly string[]): Promise<SourceFinding> {
    const entries = (await this.#tree.readDir(directory, this.#options)) ?? [];
    const near = await this.#near(directory, part, entries, [rest, below]);
    const name = [...rest, ...below].at(-1) ?? part;
    const isName = below.length === 0 ? (other: string) => other === name : compileGlob(name);
    // A pattern that a near directory has matches for needs none of other places.
    const isSaid = isName === undefined || /^\*+$/.test(name) || (below.length > 0 && near.length > 0);
    const elsewhere = isSaid ? [] : await this.#tree.find(isName, MOST_NEAR, this.#options);
    const nearPaths = near.map(({ path }) => path);
    return {
      kind: "absent",
      directory: this.#tree.shown(directory),
      part,
      names: entries.map(listed),
      near,
      elsewhere: elsewhere.map((path) => this.#tree.shown(path)).filter((path) => !nearPaths.includes(path)),
    };
  }

  /** The wrong part replaced by names that look like it; the rest of the path may be wrong, too: then the part alone. */
  async #near(
    directory: string,
    part: string,
    entries: readonly TreeEntry[],
    [rest, patterns]: readonly [readonly string[], readonly string[]],
  ): Promise<readonly Near[]> {
    const names = entries.map(({ name }) => name);
    const same = names.filter((name) => spellingOf(part, name) !== undefined);
    const found: Near[] = [];
    for (const name of new Set([...same, ...nearest(part, names, MOST_NEAR)])) {
      const spelling = spellingOf(part, name);
      const start = joinPath(directory, name);
      if (await this.#isThere([...partsOf(start), ...rest], patterns)) {
        found.push({ path: this.#tree.shown(joinPath(start, ...rest, ...patterns)), spelling });
      } else if (rest.length + patterns.length > 0 && (await this.#isThere(partsOf(start)))) {
        found.push({ path: this.#tree.shown(start), spelling: undefined });
      }
      if (found.length >= MOST_NEAR) break;
    }
    return found;
  }

  /** Whether the build gets the path, or below it something that matches. */
  async #isThere(parts: readonly string[], patterns: readonly string[] = []): Promise<boolean> {
    const start = await follow(this.#tree, parts, this.#options);
    if (start.kind !== "reached") return false;
    let level: readonly string[] = [start.path];
    for (const [index, part] of patterns.entries()) {
      const isMatch = compileGlob(part);
      if (isMatch === undefined) return false;
      level = await this.#matching(level, isMatch, index === patterns.length - 1);
    }
    for (const path of level.slice(0, MOST_MATCHES)) {
      if ((await this.#tree.hiddenBy(path, this.#options)).length === 0) return true;
    }
    return false;
  }

  async #isNew(chain: readonly string[]): Promise<boolean> {
    for (const path of chain) if (await this.#tree.isNew(path)) return true;
    return false;
  }
}

function listed({ name, kind }: TreeEntry): string {
  return kind === "directory" ? `${name}/` : name;
}
