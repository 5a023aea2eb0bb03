/** What the actions of a file op do, in words. */
import type { pb } from "#proto";
import { quote } from "../base/quote.ts";
import { byteSize } from "../base/words.ts";
import type { OpLine } from "../graph/graph.ts";
import { type KindWords, octal } from "./op-words-exec.ts";
import { bigintOf, inputIndex, numberOf } from "./scalars.ts";

interface ActionWords {
  readonly verb: string;
  /** Paths and what is made of them. */
  readonly object: string;
  readonly options: readonly string[];
}

export function fileWords(
  file: pb.FileOp.$Shape,
  inputCount: number,
  rootInput: number | undefined,
): KindWords {
  const actions = file.actions ?? [];
  const all = actions.map((action) => ({ action, words: actionWords(action) }));
  const [first, ...others] = all;
  const onRoot: OpLine = { label: "on", text: "", input: rootInput ?? "scratch" };
  if (first === undefined) return { verb: "file", object: "nothing", lines: [onRoot] };
  const isOne = others.length === 0;
  return {
    verb: isOne ? first.words.verb : "file",
    object: isOne ? first.words.object : all.map(({ words }) => `${words.verb} ${words.object}`).join(", "),
    lines: [
      onRoot,
      ...all.flatMap(({ action, words }, index): OpLine[] => [
        actionLine(action, words, { inputCount, isOne }),
        ...elsewhere(action, index, { inputCount, rootInput }),
      ]),
    ].filter(({ text, input }) => text !== "" || input !== undefined),
  };
}

/** What is copied from where; of one action the title says the rest. */
function actionLine(
  { copy, secondaryInput }: pb.FileAction.$Shape,
  { verb, object, options }: ActionWords,
  { inputCount, isOne }: { readonly inputCount: number; readonly isOne: boolean },
): OpLine {
  const rest = options.map((option) => `, ${option}`).join("");
  const own = `${object}${copy ? " from " : ""}`;
  if (!copy) return { label: verb, text: `${own}${rest}` };
  const from = numberOf(secondaryInput);
  const input = inputIndex(secondaryInput, inputCount);
  if (input === undefined && from >= inputCount)
    return { label: verb, text: `${own}action ${from - inputCount + 1}${rest}` };
  return { label: isOne ? "copy" : verb, text: own, input: input ?? "scratch", rest };
}

/** An action usually works on what the one before it has made, the first one on the root. */
function elsewhere(
  { input }: pb.FileAction.$Shape,
  index: number,
  { inputCount, rootInput }: { readonly inputCount: number; readonly rootInput: number | undefined },
): readonly OpLine[] {
  const at = numberOf(input);
  if (at === inputCount + index - 1 && index > 0) return [];
  if (at >= inputCount) return [{ label: "  onto", text: `action ${at - inputCount + 1}` }];
  const own = inputIndex(input, inputCount);
  if (index === 0 && own === rootInput) return [];
  return [{ label: "  onto", text: "", input: own ?? "scratch" }];
}

function actionWords(action: pb.FileAction.$Shape): ActionWords {
  const { copy, mkfile, mkdir, rm, symlink } = action;
  if (copy) return copyWords(copy);
  if (mkfile) {
    const size = byteSize(mkfile.data?.length ?? 0);
    return {
      verb: "mkfile",
      object: quote(mkfile.path ?? ""),
      options: [size, ...shared(mkfile), ...mode(mkfile.mode)],
    };
  }
  if (mkdir) {
    const parents = mkdir.makeParents ? ["with parents"] : [];
    return {
      verb: "mkdir",
      object: quote(mkdir.path ?? ""),
      options: [...parents, ...shared(mkdir), ...mode(mkdir.mode)],
    };
  }
  if (rm) {
    return {
      verb: "rm",
      object: quote(rm.path ?? ""),
      options: [
        ...(rm.allowNotFound ? ["may be missing"] : []),
        ...(rm.allowWildcard ? ["may be a pattern"] : []),
      ],
    };
  }
  if (symlink) {
    const object = `${quote(symlink.newpath ?? "")} -> ${quote(symlink.oldpath ?? "")}`;
    return { verb: "symlink", object, options: shared(symlink) };
  }
  return { verb: "unknown action", object: "", options: [] };
}

function copyWords(copy: pb.FileActionCopy.$Shape): ActionWords {
  const list = (label: string, paths: readonly string[] | null | undefined): readonly string[] =>
    paths && paths.length > 0 ? [`${label} ${paths.map(quote).join(" ")}`] : [];
  const flags: readonly (readonly [boolean | null | undefined, string])[] = [
    [copy.followSymlink, "follows links"],
    [copy.dirCopyContents, "contents only"],
    [copy.attemptUnpackDockerCompatibility, "unpacks"],
    [copy.createDestPath, "makes directories"],
    [copy.allowWildcard, "may be a pattern"],
    [copy.allowEmptyWildcard, "may match nothing"],
    [copy.alwaysReplaceExistingDestPaths, "replaces"],
  ];
  return {
    verb: "copy",
    object: `${quote(copy.src ?? "")} -> ${quote(copy.dest ?? "")}`,
    options: [
      ...flags.flatMap(([isSet, words]) => (isSet ? [words] : [])),
      ...list("only", copy.includePatterns),
      ...list("without", copy.excludePatterns),
      ...list("needs", copy.requiredPaths),
      ...shared(copy),
      ...(copy.modeStr ? [`mode ${copy.modeStr}`] : mode((copy.mode ?? 0) < 0 ? 0 : copy.mode)),
    ],
  };
}

function mode(value: number | null | undefined): readonly string[] {
  return value ? [`mode ${octal(value)}`] : [];
}

const NANOSECONDS = 1_000_000n;

function shared({
  owner,
  timestamp,
}: {
  readonly owner?: pb.ChownOpt.$Shape | null | undefined;
  readonly timestamp?: Parameters<typeof bigintOf>[0];
}): readonly string[] {
  const names = [owner?.user, owner?.group].map(userName);
  const [user = "", group = ""] = names;
  const at = bigintOf(timestamp);
  return [
    ...(user === "" && group === ""
      ? []
      : [`owner ${[user, group].filter((each) => each !== "").join(":")}`]),
    ...(at > 0n ? [`time ${timeOf(at)}`] : []),
  ];
}

function timeOf(nanoseconds: bigint): string {
  const date = new Date(Number(nanoseconds / NANOSECONDS));
  return Number.isNaN(date.getTime()) ? `${nanoseconds} ns` : date.toISOString();
}

function userName(user: pb.UserOpt.$Shape | null | undefined): string {
  if (user === null || user === undefined) return "";
  const { byName, byID } = user;
  if (byName) return byName.name ?? "";
  return byID === null || byID === undefined ? "" : String(byID);
}
