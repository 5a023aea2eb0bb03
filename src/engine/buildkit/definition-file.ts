/** A definition that another program has made, in place of a frontend's answer. */
import { readFile } from "node:fs/promises";
import { pb } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { describeSystemError } from "../../session/files/file-problem.ts";
import { type DefinitionSource, definitionPath } from "../build-sources.ts";
import type { FrontendResult } from "./gateway-build.ts";

/** @throws {BktuiError} "io" when a file cannot be read, "bad-request" when it holds no definition. */
export async function readDefinition(source: DefinitionSource): Promise<FrontendResult> {
  const bytes = await contentOf(definitionPath(source), "definition");
  const config =
    source.imageConfig === undefined ? undefined : await contentOf(source.imageConfig, "image configuration");
  return {
    ref: { id: "", def: decoded(bytes, definitionPath(source)) },
    metadata: config === undefined ? {} : { "containerimage.config": config },
  };
}

async function contentOf(path: string, what: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new BktuiError("io", `cannot read the ${what} ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

function decoded(bytes: Uint8Array, path: string): pb.Definition.$Shape {
  try {
    return pb.Definition.decode(bytes);
  } catch (error) {
    throw new BktuiError("bad-request", `${path} holds no definition`, { cause: error });
  }
}
