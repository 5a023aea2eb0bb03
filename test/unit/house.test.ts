import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { occurrences } from "../guards/guard.ts";
import { guards, withoutRow } from "../guards/table.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const tracked = execFileSync(
  "git",
  ["ls-files", "-co", "--exclude-standard", "src", "test", "bench", "demo"],
  {
    cwd: root,
    encoding: "utf8",
  },
)
  .split("\n")
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith("house.test.ts"));

function filesWith(pattern: RegExp, under: RegExp): string[] {
  return tracked.filter((path) => under.test(path) && pattern.test(readFileSync(`${root}${path}`, "utf8")));
}

/** Words that mean something in this project that no dictionary has. */
const OWN_WORDS: readonly string[] = [
  "step",
  "stop",
  "stage",
  "trigger",
  "twin",
  "goal",
  "attempt",
  "attachable",
  "sub-definition",
  "gateway build",
  "private engine",
  "debug root",
  "motion",
  "unshortened goal",
  "passed until",
  "execution",
  "reported",
  "delayed cancel",
  "runtime",
  "session",
  "process group",
  "side",
  "cache holder",
  "build input",
  "missing source",
  "build status",
  "availability",
  "app",
  "attached",
  "screen update",
  "badge",
  "cursor move",
  "emulator",
  "row source",
];

/** Names that were replaced by one of those. */
const GIVEN_UP =
  /\b(?:[dD]esk|LiveSession|ShellSession|Standings|standings|Situation|whyNotNow|makeWay|ShellsInTheWay|allTold|handovers?|flown|VisitWish|ShellVisits|SoughtIn|ShellSurface|(?:Document|Log|Graph)Holder)\b/;

describe("the rules of the house", () => {
  test("every file of src opens with its purpose, and every exported class has a sentence", () => {
    expect(filesWith(/^(?!(?:#!.*\n)?\/\*\*)/, /^src\//)).toEqual([]);
    expect(filesWith(/(?<!\*\/\n)^export (?:abstract )?class /m, /^src\//)).toEqual([]);
  });

  test("texts, numbers, patterns, bytes, lists, sets and maps of a module are in UPPER_CASE", () => {
    const camelCase =
      /^(?:export )?const [a-z]\w*(?:: [^=]+)? =\s+(?:["`\d[]|\/[^/*]|new (?:RegExp|Set|Map)(?:<[^()]*>)?\((?!\))|Buffer\.(?:from|concat)|Uint8Array\.of|Symbol\()/m;
    // The watchdog's script is a text itself.
    expect(filesWith(camelCase, /^src\/(?!tui\/terminal\/watchdog)/)).toEqual([]);
  });

  test("the project's own words are in the glossary, and those given up stay away", () => {
    const terms = [...readFileSync(`${root}docs/glossary.md`, "utf8").matchAll(/^\| ([^|]+?) \|/gm)].flatMap(
      ([, term = ""]) => term.split(/, (?:and )?/),
    );
    expect(OWN_WORDS.filter((word) => !terms.includes(word))).toEqual([]);
    const repeated = terms.filter((term, index) => terms.indexOf(term) !== index);
    expect(repeated).toEqual([]);
    expect(filesWith(GIVEN_UP, /^src\//)).toEqual([]);
  });

  test("no test replaces a module, is left out, or runs alone", () => {
    expect(filesWith(/\bvi\.(mock|doMock)\(|\b(test|it|describe)\.(only|skip|todo)\(/, /^test\//)).toEqual(
      [],
    );
  });

  test("no type check or lint rule is switched off in place", () => {
    expect(filesWith(/@ts-ignore|@ts-expect-error|@ts-nocheck|biome-ignore|\bas any\b/, /./)).toEqual([]);
  });

  test("only the composition root ends the process", () => {
    expect(filesWith(/\bprocess\.exit\(/, /^src\//)).toEqual(["src/main.ts"]);
  });

  test("the locked packages are at or above the versions that fix known holes", () => {
    const lock: unknown = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8"));
    // CVE-2026-48068 and -48069; CVE-2026-41242 and CVE-2026-44291.
    expect(versionIn(lock, "node_modules/@grpc/grpc-js")).toBeAtLeast([1, 14, 4]);
    expect(versionIn(lock, "node_modules/protobufjs")).toBeAtLeast([8, 0, 2]);
  });

  test("each case of docs/reliability.md is in the titles of the files that it names, and the other way round", () => {
    const documented = documentedTests();
    const titled = tracked.flatMap((path) => {
      const text = path.endsWith(".test.ts") ? readFileSync(`${root}${path}`, "utf8") : "";
      // A title begins with its cases: "R08 R09 · …".
      const cases = [...text.matchAll(/["`]((?:[SR]\d\d )+)· /g)].flatMap(([, ids = ""]) =>
        ids.trim().split(" "),
      );
      return [...new Set(cases)].map((id) => `${id} ${path}`);
    });
    expect(documented.sort()).toEqual(titled.sort());
  });

  test("each case that has a test has a guard whose absence the test must notice, and the guards are where they are said to be", () => {
    const documented = documentedTests();
    const shown = guards.flatMap(({ cases, test }) => cases.map((id) => `${id} ${test}`));
    expect(shown.filter((pair) => !documented.includes(pair))).toEqual([]);
    const casesOf = (pairs: readonly string[]): string[] => [
      ...new Set(pairs.map((pair) => pair.slice(0, 3))),
    ];
    expect([...casesOf(shown), ...withoutRow].sort()).toEqual(casesOf(documented).sort());
    const changes = guards.flatMap((guard) => guard.changes);
    const elsewhere = changes.filter(
      ({ file, text }) => occurrences(text, readFileSync(`${root}${file}`, "utf8")) !== 1,
    );
    expect(elsewhere).toEqual([]);
    expect(changes.filter(({ file }) => !file.startsWith("src/"))).toEqual([]);
  });
});

/** "S05 test/faults/what-it-writes.test.ts" for each test that docs/reliability.md names. */
function documentedTests(): string[] {
  const rows = readFileSync(`${root}docs/reliability.md`, "utf8").matchAll(/^\| ([SR]\d\d) \|.*$/gm);
  return [...rows].flatMap(([row, id]) =>
    [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => `${id} ${path}`),
  );
}

function versionIn(lock: unknown, path: string): readonly number[] {
  const packages = isRecord(lock) && isRecord(lock["packages"]) ? lock["packages"] : {};
  const entry = packages[path];
  const version = isRecord(entry) ? String(entry["version"]) : "0";
  return version.split(".").map(Number);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

interface AtLeast {
  toBeAtLeast(minimum: readonly number[]): void;
}
declare module "vitest" {
  interface Matchers extends AtLeast {}
}

expect.extend({
  toBeAtLeast(actual: readonly number[], minimum: readonly number[]) {
    const first = minimum.findIndex((part, index) => actual[index] !== part);
    const pass = first === -1 || (actual[first] ?? 0) > (minimum[first] ?? 0);
    return { pass, message: () => `${actual.join(".")} is below ${minimum.join(".")}` };
  },
});
