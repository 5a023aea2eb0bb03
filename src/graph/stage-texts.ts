/** Stages as the text alone tells them: what each starts from, its operations and its triggers. */
import { escapeCharacter, foldLine, splitLines, type TextInstruction } from "./dockerfile-text.ts";
import { argDefaults, expand } from "./registries.ts";

/** What a definition was asked for, as far as it decides which stages are in it. */
export interface Asked {
  /** Name or number; undefined = the last stage. */
  readonly target?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>> | undefined;
}

/** An instruction that makes an operation; of a trigger, the keyword is that behind ONBUILD. */
export interface Operation {
  readonly instruction: TextInstruction;
  readonly keyword: string;
  /** Folded to one line, keywords in capitals; with a heredoc its lines as written too. Equal where it says the same. */
  readonly text: string;
  /** What its flags copy or mount from: names or numbers of stages, or images. */
  readonly sources: readonly string[];
}

export interface StageText {
  readonly index: number;
  /** Name after AS, in lower case; undefined for a nameless one. */
  readonly alias: string | undefined;
  readonly from: TextInstruction;
  /** The FROM's flags and image with ARGs put in: equal where it must be the same image. */
  readonly image: string;
  /** Index of the stage that FROM names. */
  readonly parent: number | undefined;
  readonly operations: readonly Operation[];
  /** What runs in the stages that are built from this one. */
  readonly triggers: readonly Operation[];
}

const OPERATIONS: ReadonlySet<string> = new Set(["RUN", "COPY", "ADD", "WORKDIR"]);

export function stageTexts(
  text: string,
  read: readonly TextInstruction[],
  { buildArgs = {} }: Asked,
): readonly StageText[] {
  const lines = splitLines(text);
  const mark = escapeCharacter(lines);
  const variables = argDefaults(text, buildArgs);
  const stages: (StageText & { readonly operations: Operation[]; readonly triggers: Operation[] })[] = [];
  for (const instruction of read) {
    const folded = foldLine(lines, instruction.start, instruction.end, mark);
    const { from, keyword } = instruction;
    if (from !== undefined) {
      const image = expand(from.image, variables);
      const flags = folded.match(/--\S+/g)?.join(" ") ?? "";
      stages.push({
        index: stages.length,
        alias: from.alias?.toLowerCase(),
        from: instruction,
        image: expand(`${flags} ${image}`, variables),
        // A name that is given twice means the later stage from there on.
        parent: lastNamed(stages, image),
        operations: [],
        triggers: [],
      });
    } else if (OPERATIONS.has(keyword)) {
      stages.at(-1)?.operations.push(operationOf(instruction, folded, lines));
    } else if (keyword === "ONBUILD") {
      const trigger = operationOf(instruction, folded, lines);
      if (OPERATIONS.has(trigger.keyword)) stages.at(-1)?.triggers.push(trigger);
    }
  }
  return stages;
}

/** [1] ONBUILD, [2] keyword, [3] flags. */
const PARTS = /^(ONBUILD\s+)?(\S*)((?:\s+--(?:"[^"]*"|'[^']*'|[^\s"'])+)*)/i;

function operationOf(instruction: TextInstruction, folded: string, lines: readonly string[]): Operation {
  const [head = "", onbuild, inner = "", flags = ""] = PARTS.exec(folded) ?? [];
  const keyword = inner.toUpperCase();
  const own = `${onbuild === undefined ? "" : "ONBUILD "}${keyword}${flags}${folded.slice(head.length)}`;
  const { start, end } = instruction;
  const text = own.includes("<<") ? [own, ...lines.slice(start - 1, end)].join("\n") : own;
  const named = keyword === "RUN" ? MOUNTED : COPIED;
  return { instruction, keyword, text, sources: [...flags.matchAll(named)].map(([, name = ""]) => name) };
}

const COPIED = /\s--from=["']?([^\s"']+)/gi;
const MOUNTED = /\s--mount=(?:\S*?,)?["']?from=["']?([^\s,"']+)/gi;

function lastNamed(stages: readonly StageText[], name: string): number | undefined {
  return stages.findLast(({ alias }) => alias === name.toLowerCase())?.index;
}

/**
 * Stages that the target needs by FROM, --from and from=, with those that `isBuilt` says are (a name may be hidden in a
 * variable).
 */
export function neededStages(
  stages: readonly StageText[],
  { target }: Asked,
  isBuilt: (stage: StageText) => boolean,
): ReadonlySet<number> {
  const asked =
    target === undefined ? stages.length - 1 : (lastNamed(stages, target) ?? Number.parseInt(target, 10));
  const needed = new Set<number>();
  const pending = [asked, ...stages.filter(isBuilt).map(({ index }) => index)];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const stage = stages[index];
    if (stage === undefined || needed.has(index)) continue;
    needed.add(index);
    const parent = stage.parent === undefined ? undefined : stages[stage.parent];
    if (parent !== undefined) pending.push(parent.index);
    for (const { sources } of [...stage.operations, ...(parent?.triggers ?? [])]) {
      for (const name of sources) {
        const named = lastNamed(stages, name) ?? (/^\d+$/.test(name) ? Number(name) : undefined);
        if (named !== undefined) pending.push(named);
      }
    }
  }
  return needed;
}
