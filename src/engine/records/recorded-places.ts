/** Where the files of a build were: buildx notes it for each build of this machine, below `refs`. Read only. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BuilderStore } from "../locate/builders/store.ts";
import { type Environment, field, isJsonRecord, readJsonObject } from "../locate/docker/files.ts";
import type { RecordedPlaces } from "../record.ts";

/** buildx's own folder for what several builds share. */
const GROUPS = "__group__";
/** Nothing else is looked for as a file name. */
const REF = /^[a-z0-9]{1,64}$/i;

/**
 * By builder and node, of which a connection knows nothing: whoever has the ref is meant. Undefined where nobody has it, as
 * for a client without buildx, or where it cannot be read: the record is of use all the same.
 */
export async function recordedPlaces(env: Environment, ref: string): Promise<RecordedPlaces | undefined> {
  if (!REF.test(ref)) return undefined;
  const refs = join(new BuilderStore(env).directory, "refs");
  for (const builder of await names(refs)) {
    if (builder === GROUPS) continue;
    for (const node of await names(join(refs, builder))) {
      const found = await readJsonObject(join(refs, builder, node, ref), "").catch(() => undefined);
      const places = found === undefined ? undefined : placesIn(found);
      if (places !== undefined) return places;
    }
  }
  return undefined;
}

/** Of buildx's JSON (0.29 to 0.37). */
export function placesIn(json: unknown): RecordedPlaces | undefined {
  if (!isJsonRecord(json)) return undefined;
  const [context, dockerfile] = [field(json, "LocalPath"), field(json, "DockerfilePath")];
  const places = {
    context: typeof context === "string" ? context : "",
    dockerfile: typeof dockerfile === "string" ? dockerfile : "",
  };
  return places.context === "" && places.dockerfile === "" ? undefined : places;
}

async function names(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch(() => []);
}
