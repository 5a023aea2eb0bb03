/**
 * What an operation of a definition may not be: numbers that lead nowhere. BuildKit reads some of them without a look, and a
 * negative one takes the whole daemon down (0.8 to 0.32), so none of them is ever sent.
 */
import type { pb } from "#proto";
import { clipText } from "../base/limits.ts";
import { isDigest, numberOf, type WireInt64 } from "./scalars.ts";

type Op = ReturnType<typeof pb.Op.decode>;

const NONE = -1;

/** Why the operation cannot be part of a build; undefined = nothing is wrong with it. */
export function wrongWith(op: Op): string | undefined {
  try {
    return wrongInputs(op.inputs ?? []) ?? wrongIndexes(op) ?? missingParts(op);
  } catch {
    return "one of its numbers is out of range";
  }
}

/** Also of the last one, which has nothing else. */
export function wrongInputs(inputs: readonly pb.Input.$Shape[]): string | undefined {
  for (const [index, input] of inputs.entries()) {
    if (!isDigest(input.digest)) return `its input ${index} is ${shown(input.digest)}, no digest`;
    if (numberOf(input.index) < 0)
      return `its input ${index} is output ${numberOf(input.index)} of another one`;
  }
  return undefined;
}

/** Untrusted, and as long as it likes. */
function shown(text: string | null | undefined): string {
  return JSON.stringify(clipText(text ?? "", LONGEST_SHOWN));
}

const LONGEST_SHOWN = 200;

/** What BuildKit looks into without asking whether it is there. */
function missingParts(op: Op): string | undefined {
  if (op.op === "exec") {
    if (op.exec.meta == null) return "it runs a command and has none";
    const naked = op.exec.mounts?.find((mount) => mount.mountType === SSH && mount.SSHOpt == null);
    if (naked !== undefined) return `its ssh mount at ${shown(naked.dest)} has no ssh options`;
  }
  // Checked on dockerd 28.5: a merge of nothing ends the daemon, and a difference of nothing does.
  if (op.op === "merge" && (op.merge.inputs ?? []).length === 0) return "it merges nothing";
  if (op.op === "diff" && (op.diff.lower == null || op.diff.upper == null))
    return "it compares two states and does not name both";
  if (op.op === "diff" && [op.diff.lower, op.diff.upper].every((each) => numberOf(each?.input) === NONE))
    return "it compares nothing with nothing";
  return undefined;
}

/** `pb.MountType.SSH` of the wire. */
const SSH = 2;

function wrongIndexes(op: Op): string | undefined {
  const count = op.inputs?.length ?? 0;
  switch (op.op) {
    case "exec":
      return firstWrong(
        (op.exec.mounts ?? []).flatMap(({ dest = "", input, output }) => [
          { what: `the input of its mount at ${shown(dest)}`, value: input, below: count },
          { what: `the output of its mount at ${shown(dest)}`, value: output, below: MANY },
        ]),
      );
    case "file":
      return firstWrong(indexesOfFile(op.file, count));
    case "merge":
      return firstWrong(
        (op.merge.inputs ?? []).map(({ input }, index) => ({
          what: `what it merges as number ${index}`,
          value: input,
          below: count,
          least: 0,
        })),
      );
    case "diff":
      return firstWrong([
        { what: "its lower state", value: op.diff.lower?.input, below: count },
        { what: "its upper state", value: op.diff.upper?.input, below: count },
      ]);
    default:
      return undefined;
  }
}

/** More outputs than any operation has. */
const MANY = 10_000;

interface NamedIndex {
  readonly what: string;
  readonly value: WireInt64;
  readonly below: number;
  /** Default: "none". */
  readonly least?: number;
}

function indexesOfFile(file: pb.FileOp.$Shape, count: number): readonly NamedIndex[] {
  return (file.actions ?? []).flatMap((action, index) => {
    const owner = (action.copy ?? action.mkdir ?? action.symlink)?.owner;
    const named = [owner?.user?.byName, owner?.group?.byName].filter((each) => each != null);
    // Results of earlier actions are counted behind the inputs.
    const below = count + index;
    return [
      { what: `the input of its action ${index}`, value: action.input, below },
      { what: `the second input of its action ${index}`, value: action.secondaryInput, below },
      { what: `the output of its action ${index}`, value: action.output, below: MANY },
      ...named.map(({ input }) => ({ what: `the owner in its action ${index}`, value: input, below })),
    ];
  });
}

function firstWrong(indexes: readonly NamedIndex[]): string | undefined {
  for (const { what, value, below, least = NONE } of indexes) {
    const number = numberOf(value);
    if (number < least || (number >= below && number !== 0))
      return `${what} is number ${number}, and there are ${below}`;
  }
  return undefined;
}
