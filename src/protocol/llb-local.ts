/** Writes the definition of a directory on this machine. */
import { pb } from "#proto";
import { digestOfOp } from "./llb.ts";

/**
 * A definition whose result is a directory of a session, whole. `session` is part of the op: builds of other sessions that
 * the engine has at the same time are not joined with it, and do not get its errors (BuildKit 0.8 to 0.32).
 */
export function localSourceDefinition({
  name,
  session,
  shownAs,
}: {
  readonly name: string;
  readonly session: string;
  /** In progress. */
  readonly shownAs: string;
}): pb.Definition.$Shape {
  const attrs = { "local.session": session, "local.sharedkeyhint": name };
  const source = pb.Op.encode({ source: { identifier: `local://${name}`, attrs } }).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(source), index: 0 }] }).finish();
  const named = pb.OpMetadata.encode({ description: { "llb.customname": shownAs } }).finish();
  return {
    def: [source, terminal],
    metadata: { [digestOfOp(source)]: named, [digestOfOp(terminal)]: new Uint8Array() },
  };
}
