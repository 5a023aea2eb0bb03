/** What was found in place of a source, in sentences. Each of them must be true as it stands. */
import { posix } from "node:path";
import { unreachable } from "../../../base/errors.ts";
import type { IgnoreRule } from "../../../engine/engine.ts";
import { placeWords, type TakenSource } from "../../failures/missing-source.ts";
import type { Hop, Near, SourceFinding } from "../../questions/finding.ts";

const MOST_LISTED = 8;

/** @param context directory of the context as the user gave it */
export function findingWhy(
  finding: SourceFinding | undefined,
  source: TakenSource,
  context: string | undefined,
): readonly string[] {
  const isContext = source.place.kind === "context";
  const searched = isContext ? [`Sought in the context${context === undefined ? "" : ` ${context}`}.`] : [];
  switch (finding?.kind) {
    case undefined:
      return searched;
    case "there":
      return thereWhy(finding, source, searched);
    case "hidden":
      return [hiddenWhy(finding, source)];
    case "absent":
      return [...absentWhy(finding, source), ...searched];
    case "literal":
      return [
        `There is a file of that name, but its brackets stand for one character. The name itself is written ${quoted(finding.pattern)}.`,
      ];
    case "no-directory":
      return [`${quoted(finding.file)} is a file, not a directory.`, ...searched];
    case "link":
      return linkWhy(finding, placeWords(source.place));
    default:
      return unreachable(finding);
  }
}

function thereWhy(
  { isNew }: Extract<SourceFinding, { kind: "there" }>,
  { isPattern, place }: TakenSource,
  searched: readonly string[],
): readonly string[] {
  if (place.kind !== "context") return [];
  if (isNew)
    return [
      isPattern ? "Something matches now; a rerun will find it." : "It exists now; a rerun will find it.",
    ];
  return [
    "It is there as far as can be seen from here; why the engine did not find it is not known.",
    ...searched,
  ];
}

function hiddenWhy(
  { examples, count, rules, hop }: Extract<SourceFinding, { kind: "hidden" }>,
  source: TakenSource,
): string {
  const { lines, verb } = ruleWords(rules);
  const keep = (what: string): string => `${lines} ${verb} ${what} from the build: ${patternsOf(rules)}`;
  if (hop !== undefined) return `${hop.link} is a link to ${hop.target}, which exists, but ${keep("it")}`;
  if (!source.isPattern) {
    // Behind a link on the way it has another name, which is the one that the ignore file's lines are about.
    const [place = ""] = examples;
    const name = place === posix.normalize(shown(source)).replace(/\/$/, "") ? "It" : quoted(place);
    return `${name} exists, but ${keep("it")}`;
  }
  const more = count > examples.length ? ` and ${count - examples.length} more` : "";
  const match = count === 1 ? "matches" : "match";
  return `${examples.map(quoted).join(", ")}${more} ${match}, but ${keep(count === 1 ? "it" : "them")}`;
}

function ruleWords(rules: readonly IgnoreRule[]): { readonly lines: string; readonly verb: string } {
  const file = rules[0]?.file ?? "the ignore file";
  const numbers = rules.map(({ line }) => String(line));
  const last = numbers.at(-1) ?? "";
  if (numbers.length <= 1) return { lines: `${file} line ${last}`, verb: "keeps" };
  return { lines: `${file} lines ${numbers.slice(0, -1).join(", ")} and ${last}`, verb: "keep" };
}

function patternsOf(rules: readonly IgnoreRule[]): string {
  return rules.map(({ pattern }) => pattern).join(", ");
}

function absentWhy(
  { directory, names, near, elsewhere }: Extract<SourceFinding, { kind: "absent" }>,
  { isPattern, place }: TakenSource,
): readonly string[] {
  const others = near.filter(({ spelling }) => spelling === undefined).map(({ path }) => quoted(path));
  const would = isPattern && others.some((path) => /[*?[]/.test(path));
  const list = others.join(", ");
  const looks = would
    ? `${list} would match.`
    : place.kind === "context"
      ? `In the context there is ${list}.`
      : `Names that look like it: ${list}.`;
  const where = elsewhere.map(quoted).join(", ");
  return [
    ...near.flatMap(spellingWords),
    ...(others.length === 0 ? [] : [looks]),
    ...(where === ""
      ? []
      : [`${isPattern ? "Names that match are elsewhere" : "That name is elsewhere"}: ${where}.`]),
    // The root of the context is listed by whoever looks at it.
    ...(directory === "." ? [] : [`${directory} is there and holds ${listed(names)}.`]),
  ];
}

function spellingWords({ path, spelling }: Near): readonly string[] {
  switch (spelling) {
    case undefined:
      return [];
    case "capitals":
      return [`There is ${quoted(path)}: capitals count.`];
    case "blanks":
      return [`There is ${quoted(path)}: its name has blanks at an end.`];
    case "encoding":
      return [
        `There is ${quoted(path)}: it looks the same, but its letters are encoded in another way (Unicode).`,
      ];
    default:
      return unreachable(spelling);
  }
}

function linkWhy(
  { hops, problem, missing, inside }: Extract<SourceFinding, { kind: "link" }>,
  place: string,
): readonly string[] {
  const way = `${wayOf(hops)}.`;
  switch (problem) {
    case "loop":
      return [way];
    case "dangling":
      return [way, `There is no ${quoted(missing)} in ${place}.`];
    case "outside":
      return [
        way,
        `A build sees nothing outside of its context, and takes that for / itself: there is no ${quoted(missing)} in it.`,
        ...(inside === undefined ? [] : [`A link to ${quoted(inside)} would be followed.`]),
      ];
    default:
      return unreachable(problem);
  }
}

/** "l is a link to m, m to l". */
export function wayOf(hops: readonly Hop[]): string {
  return hops
    .slice(0, MOST_LISTED)
    .map(({ link, target }, index) =>
      index === 0 ? `${link} is a link to ${target}` : `${link} to ${target}`,
    )
    .join(", ");
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const more = names.length > MOST_LISTED ? ` and ${names.length - MOST_LISTED} more` : "";
  return `${names.slice(0, MOST_LISTED).join(", ")}${more}`;
}

/** In the context without a leading slash, as people write it. */
export function shown({ path, place }: TakenSource): string {
  return place.kind === "context" ? path.replace(/^\/+/, "") : path;
}

export function quoted(text: string): string {
  return `"${text}"`;
}
