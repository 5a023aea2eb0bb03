/** Which input and output of an op carry its root file system. */
import type { pb } from "#proto";
import { unreachable } from "../base/errors.ts";
import type { CopyAction, Vertex } from "../graph/graph.ts";
import { inputIndex, numberOf, outputIndex } from "./scalars.ts";

/** How the root file system passes through a vertex. */
export interface Root {
  /** Index in the op's inputs; undefined = scratch. */
  readonly input: number | undefined;
  readonly output: number;
}

/** Where a vertex takes its root file system from, and which of its outputs hands it on. */
export function rootOf(op: ReturnType<typeof pb.Op.decode>, inputCount: number): Root {
  switch (op.op) {
    case "exec":
      return rootOfExec(op.exec, inputCount);
    case "file":
      return rootOfFile(op.file, inputCount);
    case "merge":
      // COPY --link: what is merged onto comes first.
      return { input: inputIndex(op.merge.inputs?.[0]?.input, inputCount), output: 0 };
    case "diff":
      return { input: inputIndex(op.diff.lower?.input, inputCount), output: 0 };
    case "passthrough":
      return { input: inputIndex(op.passthrough.outputs?.[0], inputCount), output: 0 };
    case "source":
    case "build":
    case undefined:
      return { input: undefined, output: 0 };
    default:
      return unreachable(op);
  }
}

/** Per action: the op's input it works on, the output of the vertex that it becomes, and what it copies. */
export function fileActionsOf(file: pb.FileOp.$Shape, inputCount: number): Vertex["fileActions"] {
  return (file.actions ?? []).map((action) => ({
    input: inputIndex(action.input, inputCount),
    output: outputIndex(action.output),
    copy: action.copy ? copyOf(action.copy, inputIndex(action.secondaryInput, inputCount)) : undefined,
  }));
}

function copyOf(copy: pb.FileActionCopy.$Shape, from: number | undefined): CopyAction {
  return {
    source: copy.src ?? "",
    dest: copy.dest ?? "",
    from,
    wildcard: copy.allowWildcard ?? false,
    includes: copy.includePatterns ?? [],
    unpacks: copy.attemptUnpackDockerCompatibility ?? false,
  };
}

function rootOfExec(exec: pb.ExecOp.$Shape, inputCount: number): Root {
  const mounts = exec.mounts ?? [];
  const mount = mounts.find((candidate) => candidate.dest === "/");
  // A root that is not kept hands nothing on: what the command leaves behind is in another mount.
  const kept = [mount, ...mounts].map((each) => outputIndex(each?.output ?? -1));
  return {
    input: inputIndex(mount?.input, inputCount),
    output: kept.find((output) => output !== undefined) ?? 0,
  };
}

/** Actions work on one another's results: the chain is followed back from the last output to the op's own input. */
function rootOfFile(file: pb.FileOp.$Shape, inputCount: number): Root {
  const actions = file.actions ?? [];
  const last = actions.findLastIndex((action) => outputIndex(action.output) !== undefined);
  let at = last;
  // An action can only work on an earlier one, so this ends; a malformed op that says otherwise ends it as well.
  for (;;) {
    const action = actions[at];
    if (action === undefined) break;
    const input = numberOf(action.input);
    const previous = input - inputCount;
    if (previous < 0 || previous >= at) {
      return { input: inputIndex(input, inputCount), output: outputIndex(actions[last]?.output) ?? 0 };
    }
    at = previous;
  }
  return { input: undefined, output: 0 };
}
