/** What docker's store knows of an image by its name. */
import { throwIfCancelled } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { Address } from "../../transport/address.ts";
import { callDocker } from "../../transport/docker-api.ts";
import { field, isJsonRecord } from "../locate/docker/files.ts";

/**
 * Labels of an image; undefined where docker does not have it, or does not answer: it is opened all the same.
 * @throws {BktuiError} "cancelled".
 */
export async function storedLabels(
  docker: Address,
  name: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<Readonly<Record<string, string>> | undefined> {
  const path = `/images/${name.split("/").map(encodeURIComponent).join("/")}/json`;
  try {
    const answer = await callDocker(docker, { method: "GET", path, signal });
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > limits.recordFile.jsonBytes) return undefined;
      chunks.push(chunk);
    }
    const labels = field(field(JSON.parse(Buffer.concat(chunks).toString("utf8")), "Config"), "Labels");
    const entries = isJsonRecord(labels) ? Object.entries(labels) : [];
    return Object.fromEntries(
      entries.flatMap(([key, value]) => (typeof value === "string" ? [[key, value] as const] : [])),
    );
  } catch {
    throwIfCancelled(signal);
    return undefined;
  }
}
