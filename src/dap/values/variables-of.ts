/** Items as the protocol's variables: harmless, bounded, in pages. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { BOUNDS } from "../../answers/bounds.ts";
import { visibleLines } from "../../answers/harmless.ts";
import { clipText } from "../../base/limits.ts";
import { visibleLine } from "../../base/visible.ts";
import type { Session } from "../state/session.ts";
import type { Branch, Item, Page } from "./branch.ts";

/** A longer list is shown in groups, where no part of it is asked for. */
const MOST_AT_ONCE = 500;
/** Names are shown in one row. */
const LONGEST_NAME = 300;

/** The part of a branch that is asked for. @throws {BktuiError} with why it cannot be had. */
export async function variablesOf(
  session: Session,
  branch: Branch,
  page: Page,
  signal: AbortSignal,
): Promise<DebugProtocol.Variable[]> {
  if (page.filter !== undefined && page.filter !== branch.shape) return [];
  const items = await branch.list(page, signal);
  signal.throwIfAborted();
  return partOf(items, branch, page).map((item) => variableOf(session, item));
}

/** Pure. */
export function partOf(
  items: readonly Item[],
  branch: Branch,
  { start, count }: Pick<Page, "start" | "count">,
): readonly Item[] {
  const isWhole = start === 0 && count === undefined;
  if (isWhole && items.length > MOST_AT_ONCE) return groupsOf(items, branch);
  return items.slice(start, count === undefined ? undefined : start + count);
}

function groupsOf(items: readonly Item[], branch: Branch): readonly Item[] {
  const groups: Item[] = [];
  for (let from = 0; from < items.length; from += MOST_AT_ONCE) {
    const part = items.slice(from, from + MOST_AT_ONCE);
    const { files, ...rest } = branch;
    groups.push({
      name: `[${from}…${from + part.length - 1}]`,
      value: `${part[0]?.name ?? ""} … ${part.at(-1)?.name ?? ""}`,
      type: `${part.length} of ${items.length}`,
      branch: {
        ...rest,
        ...(files === undefined ? {} : { files }),
        key: `${branch.key} from ${from}`,
        size: part.length,
        list: async (page, signal) => (await branch.list(page, signal)).slice(from, from + MOST_AT_ONCE),
      },
    });
  }
  return groups;
}

export function variableOf(session: Session, item: Item): DebugProtocol.Variable {
  const { name, isSettable, isLazy, expression, line } = item;
  const hint: DebugProtocol.VariablePresentationHint = {
    kind: item.type === "file" || item.type === "directory" ? "data" : "property",
    attributes: isSettable === true ? [] : ["readOnly"],
    ...(isLazy === true ? { lazy: true } : {}),
  };
  return {
    name: nameText(session, name),
    ...shownValue(session, item),
    ...(expression === undefined ? {} : { evaluateName: nameText(session, expression) }),
    ...(line === undefined ? {} : { declarationLocationReference: locationOf(session, line) }),
    presentationHint: hint,
  };
}

/** What `variables` and `evaluate` tell alike. @param longest characters of the value */
export function shownValue(
  session: Session,
  { value, type, branch, memory }: Item,
  longest: number = BOUNDS.textCharacters,
): Pick<
  DebugProtocol.Variable,
  "value" | "type" | "variablesReference" | "indexedVariables" | "namedVariables" | "memoryReference"
> {
  const { client, branches, memories } = session;
  return {
    value: harmlessText(session, value, longest),
    ...(type !== undefined && client.wantsTypes ? { type: nameText(session, type) } : {}),
    variablesReference: branch === undefined ? 0 : branches.numberOf(branch.key, () => branch),
    ...sizesOf(branch),
    ...(memory !== undefined
      ? {
          memoryReference: String(
            memories.numberOf(`${memory.thread} ${memory.step} ${memory.side} ${memory.path}`, () => memory),
          ),
        }
      : {}),
  };
}

export function sizesOf(
  branch: Branch | undefined,
): Pick<DebugProtocol.Variable, "indexedVariables" | "namedVariables"> {
  if (branch?.size === undefined) return {};
  return branch.shape === "indexed" ? { indexedVariables: branch.size } : { namedVariables: branch.size };
}

/** Each line made harmless by itself; values of secrets hidden. */
export function harmlessText({ build }: Session, text: string, longest: number): string {
  return clipText(visibleLines(build.masked(text)), longest);
}

function nameText({ build }: Session, name: string): string {
  return clipText(visibleLine(build.masked(name)), LONGEST_NAME);
}

function locationOf({ locations }: Session, line: NonNullable<Item["line"]>): number {
  return locations.numberOf(String(line), () => line);
}
