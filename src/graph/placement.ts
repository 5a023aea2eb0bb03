/**
 * Where the steps of a definition really stand. BuildKit 0.9 to 0.32 locates a trigger at the FROM that brings it and a
 * vertex at every instruction that it stands for; BuildKit 0.8 locates triggers at line 1, and a shared vertex at one of
 * its instructions only. None locates a trigger at the ONBUILD that it was written as. The text tells the rest: each stage
 * is gone through with the vertex that its file system is after each instruction.
 */
import type { TextInstruction } from "./dockerfile-text.ts";
import type { Digest, Graph, Line } from "./graph.ts";
import type { Group, Place } from "./places.ts";
import type { OtherPlace } from "./program.ts";
import { type Asked, neededStages, type Operation, type StageText, stageTexts } from "./stage-texts.ts";
import { baseOf } from "./steps.ts";

/** What a stage's file system is at a place; undefined = unknown. */
type State = Digest | "scratch" | undefined;

/** What was found out about a group. */
interface Found {
  /** FROM lines that bring the trigger, or the instructions that the group stands for besides its own. */
  readonly homes: Place[];
  readonly triggers: Place[];
}

/** The groups with all their places, in reading order. */
export function settlePlaces(
  graph: Graph,
  groups: readonly Group[],
  text: { readonly text: string; readonly read: readonly TextInstruction[] } & Asked,
): readonly Group[] {
  const stages = stageTexts(text.text, text.read, text);
  if (stages.length === 0) return groups;
  const placement = new Placement(graph, groups, stages);
  for (const index of [...neededStages(stages, text, (stage) => placement.isBuilt(stage))].sort(ascending)) {
    const stage = stages[index];
    if (stage !== undefined) placement.walk(stage);
  }
  const order = new Map([...graph.vertices.keys()].map((digest, index) => [digest, index]));
  const rankOf = ({ members: [first] }: Group): number =>
    first === undefined ? 0 : (order.get(first.digest) ?? 0);
  return groups
    .map((group) => placement.settled(group))
    .sort((a, b) => a.place.start - b.place.start || rankOf(a) - rankOf(b));
}

class Placement {
  readonly #stages: readonly StageText[];
  /** By the first line of each place. */
  readonly #at = new Map<Line, Group[]>();
  readonly #operations: ReadonlyMap<Line, Operation>;
  readonly #found = new Map<Group, Found>();
  /** Groups by what they start from. */
  readonly #above = new Map<Digest | "scratch", Group[]>();
  /** By stage, after its last instruction. */
  readonly #results = new Map<number, State>();

  constructor(graph: Graph, groups: readonly Group[], stages: readonly StageText[]) {
    this.#stages = stages;
    this.#operations = new Map(
      stages.flatMap(({ operations }) => operations.map((each) => [each.instruction.start, each])),
    );
    for (const group of groups) {
      for (const { start } of [group.place, ...group.others]) put(this.#at, start, group);
      const own = new Set(group.members.map(({ digest }) => digest));
      const base = baseOf(graph, group.main, own)?.vertex ?? "scratch";
      put(this.#above, base, group);
    }
  }

  /** Something that is no trigger is located in it. */
  isBuilt(stage: StageText): boolean {
    return [stage.from, ...stage.operations.map(({ instruction }) => instruction)].some((each) =>
      this.#located(each).some((group) => !group.onbuild),
    );
  }

  walk(stage: StageText): void {
    let state = this.#triggers(stage, this.#start(stage));
    for (const operation of stage.operations) state = this.#operation(operation, state);
    this.#results.set(stage.index, state);
  }

  /** In file order of its places: the first is where the step is at home. */
  settled(group: Group): Group {
    const found = this.#found.get(group);
    if (found === undefined) return group;
    const given = isUnplaced(group) && found.homes.length > 0 ? [] : [group.place, ...group.others];
    const homes = distinct([...given, ...found.homes]);
    const [home = group.place, ...twins] = homes;
    const places: readonly OtherPlace[] = [
      ...twins.map((place) => ({ kind: "twin" as const, ...place })),
      ...distinct(found.triggers).map((place) => ({ kind: "trigger" as const, ...place })),
    ];
    return { ...group, place: home, others: places.toSorted((a, b) => a.start - b.start) };
  }

  #start({ parent, image, from }: StageText): State {
    if (parent !== undefined) return this.#results.get(parent);
    if (/(^|\s)scratch$/.test(image)) return "scratch";
    const here = this.#located(from).find(isImage);
    if (here !== undefined) return here.main.digest;
    const same = this.#stages.filter((other) => other.image === image && other.parent === undefined);
    const shared = same.flatMap((other) => this.#located(other.from)).find(isImage);
    if (shared === undefined) return undefined;
    this.#note(shared, "homes", from);
    return shared.main.digest;
  }

  #triggers(stage: StageText, start: State): State {
    const parent = stage.parent === undefined ? undefined : this.#stages[stage.parent];
    if (parent !== undefined) return this.#ownTriggers(stage, parent.triggers, start);
    let state = start;
    for (;;) {
      const next = this.#triggerOver(
        stage,
        state,
        (group) => !isUnplaced(group) || this.#imageOf(group.main.name) === stage.image,
      );
      if (next === undefined) return state;
      this.#note(next, "homes", stage.from);
      state = next.main.digest;
    }
  }

  /** Triggers of a stage of this file. */
  #ownTriggers(stage: StageText, triggers: readonly Operation[], start: State): State {
    let state = start;
    for (const { instruction, keyword, text } of triggers) {
      const next =
        keyword === "WORKDIR"
          ? this.#workdirOver(stage, state, text, triggers)
          : this.#triggerOver(stage, state, (group) => keywordOf(group) === keyword);
      // WORKDIR / makes nothing.
      if (next === undefined && keyword === "WORKDIR") continue;
      if (next === undefined)
        return this.#located(stage.from).findLast((group) => group.onbuild && !isUnplaced(group))?.main
          .digest;
      this.#note(next, "homes", stage.from);
      this.#note(next, "triggers", instruction);
      state = next.main.digest;
    }
    return state;
  }

  /**
   * The WORKDIR that a trigger became, which may be none. A variable in it is put in by its name: then it is one that no
   * other trigger says, where nothing but a WORKDIR can be next.
   */
  #workdirOver(
    stage: StageText,
    state: State,
    text: string,
    triggers: readonly Operation[],
  ): Group | undefined {
    const said = this.#triggerOver(stage, state, (group) => isLike(group, text));
    if (said !== undefined || !text.includes("$")) return said;
    const all = this.#triggersOver(stage, state);
    if (all.some((group) => keywordOf(group) !== "WORKDIR")) return undefined;
    return all.find((group) => !triggers.some((other) => isLike(group, other.text)));
  }

  #triggerOver(stage: StageText, state: State, fits: (group: Group) => boolean): Group | undefined {
    return this.#triggersOver(stage, state, fits)[0];
  }

  /** Of several (platforms, arguments) those of this stage. */
  #triggersOver(
    stage: StageText,
    state: State,
    fits: (group: Group) => boolean = () => true,
  ): readonly Group[] {
    const here = this.#located(stage.from);
    const likely = this.#over(state).filter(
      (group) => group.onbuild && (isUnplaced(group) || here.includes(group)) && fits(group),
    );
    const own = likely.filter(({ main }) => stageOf(main.name) === stage.alias);
    return own.length > 0 ? own : likely;
  }

  /** An instruction that is not located is that which another stage has over the same file system. */
  #operation({ instruction, keyword, text }: Operation, state: State): State {
    const here = this.#located(instruction).filter((group) => !group.onbuild);
    if (here.length > 0) return here.at(-1)?.main.digest;
    const writtenAs = ({ place }: Group): Operation | undefined => this.#operations.get(place.start);
    const like = this.#over(state).filter((group) => !group.onbuild && writtenAs(group)?.keyword === keyword);
    const shared = like.find((group) => writtenAs(group)?.text === text);
    if (shared === undefined) return keyword === "WORKDIR" ? state : undefined;
    this.#note(shared, "homes", instruction);
    return shared.main.digest;
  }

  #over(state: State): readonly Group[] {
    return state === undefined ? [] : (this.#above.get(state) ?? []);
  }

  #located({ start }: Place): readonly Group[] {
    return this.#at.get(start) ?? [];
  }

  /** The image of the stage that a vertex is named after. */
  #imageOf(name: string): string | undefined {
    const named = stageOf(name);
    if (named === undefined) return this.#stages.length === 1 ? this.#stages[0]?.image : undefined;
    const number = /^stage-(\d+)$/.exec(named)?.[1];
    const byName = this.#stages.find(({ alias }) => alias === named);
    return (byName ?? (number === undefined ? undefined : this.#stages[Number(number)]))?.image;
  }

  #note(group: Group, kind: keyof Found, { start, end }: Place): void {
    const found = this.#found.get(group) ?? { homes: [], triggers: [] };
    found[kind].push({ start, end });
    this.#found.set(group, found);
  }
}

function put<Key>(map: Map<Key, Group[]>, key: Key, group: Group): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [group]);
  else known.push(group);
}

function isImage({ main, onbuild }: Group): boolean {
  return main.kind === "source" && !onbuild;
}

/** BuildKit 0.8 says of a trigger neither that it is one nor where it stands. */
function isUnplaced({ onbuild, main }: Group): boolean {
  return onbuild && !/^\[[^\]]*\]\s*ONBUILD\s/i.test(main.name);
}

/** "[app 2/3] ONBUILD RUN make" -> "RUN make". */
function instructionOf({ main }: Group): string {
  const named = main.name.replace(/^\[[^\]]*\]\s*/, "");
  return (named === "" ? main.command : named).replace(/^ONBUILD\s+/i, "").trim();
}

function keywordOf(group: Group): string {
  return instructionOf(group).split(/\s/, 1)[0]?.toUpperCase() ?? "";
}

function isLike(group: Group, text: string): boolean {
  return normal(`ONBUILD ${instructionOf(group)}`) === normal(text);
}

function normal(text: string): string {
  return text.replace(/["']/g, "").replace(/\s+/g, " ").trim().toLowerCase();
}

/** "[linux/arm64 app 2/3] RUN make" -> "app"; undefined in a file of one stage. */
function stageOf(name: string): string | undefined {
  return /^\[(?:[^\]]*?\s)?([^\s\]]+)\s+\d+\/\d+\]/.exec(name)?.[1]?.toLowerCase();
}

function distinct(places: readonly Place[]): readonly Place[] {
  const byStart = new Map(places.toReversed().map(({ start, end }) => [start, { start, end }]));
  return [...byStart.values()].sort((a, b) => a.start - b.start);
}

function ascending(a: number, b: number): number {
  return a - b;
}
