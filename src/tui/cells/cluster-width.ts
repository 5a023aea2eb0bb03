/** How many cells a terminal gives to a grapheme cluster. */
import { eastAsianWidth } from "get-east-asian-width";

/**
 * Expressions over Unicode properties take up to 30 ms to build, the one of all emoji sequences most of it: each is
 * built when the first cluster needs it, so never on the way to the first frame of an ordinary file. So is the
 * segmenter, whose tables take 15 ms to load.
 */
function onDemand<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => {
    built ??= build();
    return built;
  };
}

const segmenter = onDemand(() => new Intl.Segmenter());
const visible = onDemand(() => /[^\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Mn}\p{Me}\p{Surrogate}]/u);
const spacingMark = onDemand(() => /\p{Mc}/u);
const pictographs = onDemand(() => /\p{Extended_Pictographic}/gu);
/** Its flag is newer than the language that the sources are written in. */
const ANY_EMOJI = "^\\p{RGI_Emoji}$";
const emojiSequence = onDemand(() => new RegExp(ANY_EMOJI, "v"));
/** Without the selector that asks for the coloured form; terminals draw the wide one all the same. */
const BARE_KEYCAP = /^[0-9#*]\u20e3$/;
const JOINER = "\u200d";
/** No emoji is longer. */
const LONGEST_EMOJI = 50;

/** What a reader takes for one character each. Lazy: a reader may stop early. */
export function* clustersOf(text: string): Generator<string> {
  for (const { segment } of segmenter().segment(text)) yield segment;
}

/** Width of the first visible character, of emoji 2, of Hangul letters by syllables; ambiguous characters count 1. */
export function cellsOfCluster(cluster: string): number {
  const start = cluster.search(visible());
  if (start === -1) return 0;
  const shown = [...cluster.slice(start)];
  const [first = ""] = shown;
  // Characters that are emoji by themselves are wide already.
  if (first.length === cluster.length) return cells(first);
  if (isEmoji(cluster)) return 2;
  return jamoKind(first) === undefined ? plainCells(shown) : hangulCells(shown);
}

function cells(character: string): number {
  return eastAsianWidth(character.codePointAt(0) ?? 0);
}

function isEmoji(cluster: string): boolean {
  if (BARE_KEYCAP.test(cluster) || emojiSequence().test(cluster)) return true;
  if (cluster.length > LONGEST_EMOJI || !cluster.includes(JOINER)) return false;
  return (cluster.match(pictographs())?.length ?? 0) > 1;
}

/** Marks with a width of their own, and half-width voicing marks, take cells beside their base. */
function plainCells([first = "", ...rest]: readonly string[]): number {
  const beside = rest.filter((character) => isFormOfWidth(character) || spacingMark().test(character));
  return beside.reduce((sum, character) => sum + cells(character), cells(first));
}

function isFormOfWidth(character: string): boolean {
  return character >= "\uff00" && character <= "\uffef";
}

type Jamo = "leading" | "vowel" | "trailing";

function jamoKind(character: string | undefined): Jamo | undefined {
  const code = character?.codePointAt(0) ?? 0;
  const within = (from: number, to: number): boolean => code >= from && code <= to;
  if (within(0x1100, 0x115f) || within(0xa960, 0xa97c)) return "leading";
  if (within(0x1160, 0x11a7) || within(0xd7b0, 0xd7c6)) return "vowel";
  if (within(0x11a8, 0x11ff) || within(0xd7cb, 0xd7fb)) return "trailing";
  return undefined;
}

/** A leading letter with its vowel, and a trailing one, is one block of two cells; other letters stand alone. */
function hangulCells(shown: readonly string[]): number {
  const letters = shown.filter((character) => visible().test(character));
  let sum = 0;
  for (let at = 0; at < letters.length; at += 1) {
    const kind = jamoKind(letters[at]);
    if (kind === "leading" && jamoKind(letters[at + 1]) === "vowel") {
      sum += 2;
      at += jamoKind(letters[at + 2]) === "trailing" ? 2 : 1;
    } else sum += cells(letters[at] ?? "");
  }
  return sum;
}
