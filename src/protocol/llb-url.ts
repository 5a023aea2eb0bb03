/** Writes definitions of downloads. */
import { pb } from "#proto";
import { BktuiError } from "../base/errors.ts";
import type { Vertex } from "../graph/graph.ts";
import { digestOfOp } from "./llb.ts";

/** BuildKit 0.12 to 0.32; with it nothing is asked for before the content is fetched, whatever the server answers. */
const CHECKSUM = "http.checksum";

/** The download of a vertex without the checksum that was wanted. @throws {BktuiError} "internal" when it is none. */
export function downloadDefinition(vertex: Vertex): pb.Definition.$Shape {
  const { source } = pb.Op.decode(vertex.bytes);
  if (source == null) throw new BktuiError("internal", `${vertex.name} is no download`);
  const attrs = Object.fromEntries(Object.entries(source.attrs ?? {}).filter(([name]) => name !== CHECKSUM));
  const op = pb.Op.encode({ source: { identifier: source.identifier ?? "", attrs } }).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(op), index: 0 }] }).finish();
  return {
    def: [op, terminal],
    metadata: { [digestOfOp(op)]: new Uint8Array(), [digestOfOp(terminal)]: new Uint8Array() },
  };
}

/** A definition whose result is a directory with what a URL answers, under that name. */
export function urlDefinition(url: string, filename: string): pb.Definition.$Shape {
  const attrs = { "http.filename": filename };
  const op = pb.Op.encode({ source: { identifier: url, attrs } }).finish();
  const terminal = pb.Op.encode({ inputs: [{ digest: digestOfOp(op), index: 0 }] }).finish();
  const named = pb.OpMetadata.encode({
    description: { "llb.customname": "[internal] load remote Dockerfile" },
  }).finish();
  return {
    def: [op, terminal],
    metadata: { [digestOfOp(op)]: named, [digestOfOp(terminal)]: new Uint8Array() },
  };
}
