/** A Dockerfile text as an input of the frontend, instead of the local file. */
import { createHash } from "node:crypto";
import { pb } from "#proto";

/** A definition whose result is a directory with one file; solved inside the engine, never touches a disk of ours. */
export function fileDefinition(filename: string, text: string): pb.Definition.$Properties {
  const mkfile = pb.Op.encode({
    file: {
      actions: [
        {
          input: -1,
          secondaryInput: -1,
          output: 0,
          mkfile: { path: `/${filename}`, mode: 0o644, data: new TextEncoder().encode(text), timestamp: -1 },
        },
      ],
    },
  }).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOfBytes(mkfile), index: 0 }] }).finish();
  // The name under which it shows up in progress.
  const named = pb.OpMetadata.encode({
    description: { "llb.customname": "[internal] look up the environment of this line" },
  }).finish();
  return {
    def: [mkfile, terminal],
    metadata: { [digestOfBytes(mkfile)]: named, [digestOfBytes(terminal)]: new Uint8Array() },
  };
}

function digestOfBytes(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
