/** buildx's own record of its builders, read only: `instances/NAME`, `current`, `defaults/KEY`. */
import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { BktuiError } from "../../../base/errors.ts";
import {
  dockerDirectory,
  type Environment,
  isJsonRecord,
  type JsonRecord,
  readJsonObject,
  readTextFile,
  setting,
} from "../docker/files.ts";

/** A builder as `docker buildx create` wrote it (buildx 0.29 and the files of 0.37). */
export interface Builder {
  readonly name: string;
  /** "docker-container", "remote", "kubernetes", "cloud" …; as it is written, also unknown ones. */
  readonly driver: string;
  /** At least one. */
  readonly nodes: readonly [BuilderNode, ...BuilderNode[]];
}

export interface BuilderNode {
  readonly name: string;
  /** A docker context, a docker host, a BuildKit address or `kubernetes:///…`: the driver knows. */
  readonly endpoint: string;
  /** What `--platform` of `create` promised, e.g. "linux/arm64"; the engine itself may have more. */
  readonly platforms: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/** What `docker buildx use` chose for a docker endpoint. */
export interface CurrentBuilder {
  readonly name: string;
  /** Undefined = it has been removed since. */
  readonly builder: Builder | undefined;
}

/** buildx's rule for names (0.37); it keeps and finds them in small letters. */
const NAME = /^[a-zA-Z][a-zA-Z0-9._-]*$/;

/** Reads; makes, locks and changes nothing. Every method throws BktuiError "io" with the file for one that is broken. */
export class BuilderStore {
  /** `$BUILDX_CONFIG`, else `buildx` in docker's directory. */
  readonly directory: string;

  constructor(env: Environment) {
    this.directory = setting(env, "BUILDX_CONFIG") ?? join(dockerDirectory(env), "buildx");
  }

  async names(): Promise<readonly string[]> {
    return await readdir(join(this.directory, "instances")).catch(() => []);
  }

  /** Undefined when no builder has the name, or none can. */
  async find(name: string): Promise<Builder | undefined> {
    if (!NAME.test(name)) return undefined;
    const path = join(this.directory, "instances", name.toLowerCase());
    const json = await readJsonObject(path, repairOf(name));
    return json === undefined ? undefined : builderOf(json, { path, name: name.toLowerCase() });
  }

  /**
   * @param key of the docker endpoint in force: its context's name, for the default one its host
   * @returns undefined when none was chosen for it
   */
  async current(key: string): Promise<CurrentBuilder | undefined> {
    const path = join(this.directory, "current");
    const json = (await readJsonObject(path, REPAIR_CURRENT)) ?? {};
    const { Name: name, Key: chosenFor, Global: isGlobal } = json;
    if (typeof name === "string" && name !== "") {
      const builder = isGlobal === true || chosenFor === key ? await this.find(name) : undefined;
      // One that holds everywhere and is gone gives way to the endpoint's own.
      if (builder !== undefined || chosenFor === key) return { name, builder };
    }
    const hash = createHash("sha256").update(key).digest("hex").slice(0, 20);
    const byDefault = await readTextFile(join(this.directory, "defaults", hash));
    return byDefault === undefined ? undefined : { name: byDefault, builder: await this.find(byDefault) };
  }
}

const REPAIR_CURRENT = "docker buildx use NAME writes it anew.";

function repairOf(name: string): string {
  return `Repair the file, or remove the builder with docker buildx rm ${name} and create it again.`;
}

interface Written {
  readonly path: string;
  /** Of the file: it is what counts. */
  readonly name: string;
}

function builderOf(json: JsonRecord, written: Written): Builder {
  const { Driver: driver, Nodes: list } = json;
  const nodes = Array.isArray(list) ? list.map((node, index) => nodeOf(node, index, written)) : [];
  const [first, ...rest] = nodes;
  if (first === undefined) throw broken(written, "it names no nodes");
  // Builders of docker contexts have no driver of their own.
  const name = typeof driver === "string" && driver !== "" ? driver : "docker";
  return { name: written.name, driver: name, nodes: [first, ...rest] };
}

function nodeOf(node: unknown, index: number, written: Written): BuilderNode {
  const { Name: name, Endpoint: endpoint, Platforms: platforms, DriverOpts: options } = recordOf(node);
  if (typeof name !== "string" || name === "") throw broken(written, `node ${index + 1} has no Name`);
  if (typeof endpoint !== "string") throw broken(written, `node ${name} has no Endpoint`);
  return {
    name,
    endpoint,
    platforms: Array.isArray(platforms) ? platforms.map(platformText) : [],
    options: Object.fromEntries(
      Object.entries(recordOf(options)).map(([key, value]) => [key, String(value)]),
    ),
  };
}

/** `{"architecture":"arm","os":"linux","variant":"v7"}` as it is written elsewhere: linux/arm/v7. */
function platformText(platform: unknown): string {
  const { os, architecture, variant } = recordOf(platform);
  return [os, architecture, variant].filter((part) => typeof part === "string" && part !== "").join("/");
}

function recordOf(value: unknown): JsonRecord {
  return isJsonRecord(value) ? value : {};
}

function broken({ path, name }: Written, what: string): BktuiError {
  return new BktuiError("io", `cannot use ${path}: ${what}`, { hint: repairOf(name) });
}
