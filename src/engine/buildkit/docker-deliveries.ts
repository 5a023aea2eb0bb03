/** Images that go through a docker: loaded into its store, or pushed by it. */
import { createHash } from "node:crypto";
import { PassThrough } from "node:stream";
import { BktuiError } from "../../base/errors.ts";
import { isDigest } from "../../protocol/scalars.ts";
import { findCredentials } from "../../session/auth.ts";
import type { ByteSink } from "../../session/receive/received-file.ts";
import type { Address } from "../../transport/address.ts";
import { callDocker, type DockerNews, readNews } from "../../transport/docker-api.ts";
import type { Progress } from "../engine.ts";

type OnProgress = (progress: Progress) => void;

/**
 * Where the bytes of an image's tar go that docker loads (`POST /images/load`). Docker loads nothing of a stream that breaks
 * off: until its end it only unpacks.
 */
export class LoadSink implements ByteSink {
  bytes = 0;
  readonly #body = new PassThrough({ highWaterMark: 1024 * 1024 });
  readonly #gaveUp = new AbortController();
  readonly #loaded: Promise<void>;

  constructor(
    docker: Address,
    { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: OnProgress },
  ) {
    this.#loaded = withVertex("importing to docker", onProgress, async () => {
      const answer = await callDocker(docker, {
        method: "POST",
        path: "/images/load?quiet=1",
        headers: { "Content-Type": "application/x-tar" },
        body: this.#body,
        signal: AbortSignal.any([signal, this.#gaveUp.signal]),
      });
      await readNews(answer, () => undefined);
    });
    // Whoever writes or waits for the end is told.
    this.#loaded.catch(() => undefined);
  }

  async write(data: Uint8Array): Promise<void> {
    const taken = new Promise<void>((resolve, reject) => {
      this.#body.write(Uint8Array.from(data), (error) =>
        error === null || error === undefined ? resolve() : reject(error),
      );
    });
    // Docker may answer before the end only to refuse.
    await Promise.race([taken, this.#loaded]);
    this.bytes += data.length;
  }

  async end(): Promise<void> {
    this.#body.end();
    await this.#loaded;
  }

  commit(): void {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gaveUp.abort(new BktuiError("cancelled", "the image is not loaded"));
    this.#body.destroy();
    await this.#loaded.catch(() => undefined);
  }
}

/**
 * Lets docker push an image that is in its store, as buildx does where the engine cannot push itself.
 * @throws {BktuiError} "engine" with docker's words.
 */
export async function pushWithDocker(
  docker: Address,
  name: string,
  {
    env,
    signal,
    onProgress,
  }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal; readonly onProgress: OnProgress },
): Promise<void> {
  const { repository, tag, host } = partsOf(name);
  await withVertex(`pushing ${name} with docker`, onProgress, async (report) => {
    const answer = await callDocker(docker, {
      method: "POST",
      path: `/images/${encodeURIComponent(repository).replaceAll("%2F", "/")}/push?tag=${encodeURIComponent(tag)}`,
      headers: { "X-Registry-Auth": await registryAuth(host, env) },
      signal,
    });
    await readNews(answer, report);
  });
}

/** The digest that the registry has for an image that docker pushed; undefined when docker does not know. */
export async function pushedDigest(
  docker: Address,
  name: string,
  { env, signal }: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { host } = partsOf(name);
  const answer = await callDocker(docker, {
    method: "GET",
    path: `/distribution/${encodeURIComponent(name).replaceAll("%2F", "/").replaceAll("%3A", ":")}/json`,
    headers: { "X-Registry-Auth": await registryAuth(host, env) },
    signal,
  });
  let text = "";
  for await (const chunk of answer) text += String(chunk);
  const [, digest] = /"digest" *: *"(sha256:[0-9a-f]{64})"/.exec(text) ?? [];
  return digest;
}

/** As docker's clients send it: JSON in base64 for URLs, padded; unpadded it counts as none (dockerd 20.10 and 28.5). */
async function registryAuth(host: string, env: NodeJS.ProcessEnv): Promise<string> {
  const found = await findCredentials(host, env);
  const auth =
    found === undefined
      ? {}
      : found.username === ""
        ? { identitytoken: found.secret, serveraddress: host }
        : { username: found.username, password: found.secret, serveraddress: host };
  const text = Buffer.from(JSON.stringify(auth)).toString("base64");
  return text.replaceAll("+", "-").replaceAll("/", "_");
}

/** Without a tag it is "latest". */
function partsOf(name: string): { readonly repository: string; readonly tag: string; readonly host: string } {
  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const host = /[.:]/.test(first) || first === "localhost" ? first : "docker.io";
  const colon = name.lastIndexOf(":");
  if (colon > name.lastIndexOf("/"))
    return { repository: name.slice(0, colon), tag: name.slice(colon + 1), host };
  return { repository: name, tag: "latest", host };
}

/** Work of this side, shown among the engine's own. */
async function withVertex(
  name: string,
  onProgress: OnProgress,
  work: (report: (news: DockerNews) => void) => Promise<void>,
): Promise<void> {
  const vertex = `sha256:${createHash("sha256").update(`bktui ${name}`).digest("hex")}`;
  if (!isDigest(vertex)) return;
  const startedMs = Date.now();
  const tell = (completedMs: number | undefined, error: string): void =>
    onProgress({ kind: "vertex", vertex, name, startedMs, completedMs, cached: false, error });
  tell(undefined, "");
  try {
    await work(({ id, status = "", progressDetail }) => {
      if (id === undefined || (progressDetail === undefined && status !== "Pushed")) return;
      const { current = 0, total = 0 } = progressDetail ?? {};
      onProgress({
        kind: "status",
        vertex,
        id: `pushing layer ${id}`,
        current,
        total,
        completed: status === "Pushed",
      });
    });
    tell(Date.now(), "");
  } catch (error) {
    tell(Date.now(), error instanceof Error ? error.message : String(error));
    throw error;
  }
}
