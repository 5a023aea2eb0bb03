/** Looks for the values of the build's secrets in a state before anything of it leaves for the places that were asked for. */
import { StreamReceiver } from "../../../session/receive/file-send.ts";
import type { ByteSink } from "../../../session/receive/received-file.ts";
import type { SecretMask } from "../../../session/secret-mask.ts";
import { seekSecrets } from "../../../session/secrets.ts";
import { type SecretPlace, TarSearch } from "../../../session/tar-search.ts";
import type { Upload } from "../../../session/upload.ts";
import type { BuildRequest } from "../../build-request.ts";
import { SecretsFound } from "../../failures.ts";

const MOST_TOLD = 5;

/** One export's search. */
export class SecretCheck {
  readonly #mask: SecretMask;
  readonly #unsought: readonly string[];
  readonly #searches: TarSearch[] = [];
  readonly #texts: { readonly secret: string; readonly where: string }[] = [];

  private constructor(mask: SecretMask, unsought: readonly string[]) {
    this.#mask = mask;
    this.#unsought = unsought;
  }

  /** Undefined when the build has no secrets. */
  static async begin({
    request,
    env,
    mask,
  }: {
    readonly request: BuildRequest;
    readonly env: NodeJS.ProcessEnv;
    readonly mask: SecretMask;
  }): Promise<SecretCheck | undefined> {
    const unsought = await seekSecrets(request.secrets, env, mask);
    return mask.sought.isEmpty && unsought.length === 0 ? undefined : new SecretCheck(mask, unsought);
  }

  /** What must be said of it; untrusted text. */
  get notes(): readonly string[] {
    if (this.#unsought.length === 0) return [];
    const names = this.#unsought.join(", ");
    return [`not looked for, since a value is too short or cannot be read here: ${names}`];
  }

  /** An archive that is searched while it is read. Of a file there is nothing that is not on this machine. */
  archive(upload: Upload): Upload {
    if (typeof upload === "string") return upload;
    const search = this.#search();
    return async function* (options: { readonly signal: AbortSignal }): AsyncGenerator<Uint8Array> {
      for await (const chunk of upload(options)) {
        search.push(chunk);
        yield chunk;
      }
    };
  }

  /** Takes a tar from the engine, and keeps nothing of it. */
  receiver(): StreamReceiver {
    const search = this.#search();
    return new StreamReceiver("a search for secrets", async () => searchedSink(search));
  }

  /** Configuration of an image, as JSON. */
  config(bytes: Uint8Array): void {
    this.#value(JSON.parse(Buffer.from(bytes).toString("utf8")), "");
  }

  /** @param where it would stand, e.g. "the image's name" */
  text(text: string, where: string): void {
    for (const secret of this.#mask.sought.in(text)) this.#texts.push({ secret, where });
  }

  /** @throws {SecretsFound} when one was found so far. */
  refuse(): void {
    const places = this.#searches.flatMap((search) => search.places);
    const told = [
      ...this.#texts.map(({ secret, where }) => `${secret} in ${where}`),
      ...places.map((place) => `${place.secret} in ${placeWords(place)}`),
    ];
    const each = [...new Set(told)];
    if (each.length > 0) throw new SecretsFound(each.slice(0, MOST_TOLD), each.length);
  }

  #search(): TarSearch {
    const search = new TarSearch(this.#mask.sought);
    this.#searches.push(search);
    return search;
  }

  #value(value: unknown, name: string): void {
    if (typeof value === "string") this.text(value, `the image's ${name}`);
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        const isListed = Array.isArray(value);
        if (!isListed) this.text(key, `a name in the image's ${name}`);
        this.#value(inner, isListed ? name : name === "" ? key : `${name}.${this.#mask.text(key)}`);
      }
    }
  }
}

function placeWords({ part, path }: SecretPlace): string {
  switch (part) {
    case "content":
      return path;
    case "name":
      return `the name ${path}`;
    case "link":
      return `where ${path} leads`;
    case "attribute":
      return `an attribute of ${path}`;
  }
}

function searchedSink(search: TarSearch): ByteSink {
  let bytes = 0;
  return {
    get bytes() {
      return bytes;
    },
    write: async (data) => {
      bytes += data.length;
      search.push(data);
    },
    end: async () => undefined,
    commit: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
