/** Stages as the text alone tells them: what each starts from, its operations and its triggers. */
import { splitLines, type TextInstruction } from "./dockerfile-text.ts";
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
  /** Its lines as written, blanks at their ends left out. */
  readonly text: string;
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
  const variables = argDefaults(text, buildArgs);
  const stages: (StageText & { readonly operations: Operation[]; readonly triggers: Operation[] })[] = [];
  for (const instruction of read) {
    const written = lines
      .slice(instruction.start - 1, instruction.end)
      .map((line) => line.trim())
      .join("\n");
    const { from, keyword } = instruction;
    if (from !== undefined) {
      const image = expand(from.image, variables);
      const flags = written.match(/--\S+/g)?.join(" ") ?? "";
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
      stages.at(-1)?.operations.push({ instruction, keyword, text: written });
    } else if (keyword === "ONBUILD") {
      const inner = written.split(/\s+/)[1]?.toUpperCase() ?? "";
      if (OPERATIONS.has(inner)) stages.at(-1)?.triggers.push({ instruction, keyword: inner, text: written });
    }
  }
  return stages;
}

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
    for (const { text } of [...stage.operations, ...(parent?.triggers ?? [])]) {
      for (const [, name = ""] of text.matchAll(/\bfrom=["']?([^\s,"']+)/gi)) {
        const named = lastNamed(stages, name) ?? (/^\d+$/.test(name) ? Number(name) : undefined);
        if (named !== undefined) pending.push(named);
      }
    }
  }
  return needed;
}
