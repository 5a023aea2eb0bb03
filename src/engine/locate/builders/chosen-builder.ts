/** Which of buildx's builders is to be used, and who said so. Connects to nothing. */
import { BktuiError } from "../../../base/errors.ts";
import { nearest } from "../../../base/near.ts";
import { contextNames, type DockerInForce, dockerInForce, findContext } from "../docker/contexts.ts";
import { type Environment, setting } from "../docker/files.ts";
import { type Builder, BuilderStore } from "./store.ts";

/** A builder of buildx's store, or the docker that its name stands for. */
export type ChosenBuilder =
  | { readonly kind: "builder"; readonly builder: Builder; readonly from: string }
  | { readonly kind: "docker"; readonly docker: DockerInForce; readonly name: string; readonly from: string };

/** A builder's name, and who gave it: "--builder", "BUILDX_BUILDER". */
export interface NamedBuilder {
  readonly name: string;
  readonly from: string;
}

/** `--builder` counts more than BUILDX_BUILDER; an empty name names none, as for buildx. */
export function namedBuilder(typed: string | undefined, env: Environment): NamedBuilder | undefined {
  if (typed !== undefined && typed !== "") return { name: typed, from: "--builder" };
  const variable = setting(env, "BUILDX_BUILDER");
  return variable === undefined ? undefined : { name: variable, from: "BUILDX_BUILDER" };
}

/**
 * The builder of a name: one of the store, else the docker context of that name, which must be the one in force (buildx 0.37).
 * @throws {BktuiError} "not-found" naming what is near, "usage" for another context's name, "io".
 */
export async function builderByName({ name, from }: NamedBuilder, env: Environment): Promise<ChosenBuilder> {
  const store = new BuilderStore(env);
  const builder = await store.find(name);
  if (builder !== undefined) return { kind: "builder", builder, from };
  if ((await findContext(name, env)) === undefined) throw await unknownBuilder({ name, from }, store, env);
  const docker = await dockerInForce(env);
  if (docker.context === name) return { kind: "docker", docker, name, from };
  throw new BktuiError(
    "not-found",
    `${from} names the docker context "${name}", and "${docker.context}" is in force`,
    {
      hint:
        name === "default"
          ? "Set DOCKER_CONTEXT=default, or run docker context use default."
          : `Set DOCKER_CONTEXT=${name}${setting(env, "DOCKER_HOST") === undefined ? "" : " and unset DOCKER_HOST"}.`,
    },
  );
}

/**
 * What `docker buildx use` chose for the docker in force; undefined = nothing, or a builder that was removed since, in whose
 * place buildx takes docker itself: `gone` is its name.
 * @throws {BktuiError} "io".
 */
export async function currentBuilder(
  docker: DockerInForce,
  env: Environment,
): Promise<{ readonly chosen: ChosenBuilder | undefined; readonly gone: string | undefined }> {
  const key = docker.context === "default" ? docker.host : docker.context;
  const current = await new BuilderStore(env).current(key);
  if (current?.builder === undefined) return { chosen: undefined, gone: current?.name };
  return {
    chosen: { kind: "builder", builder: current.builder, from: "docker buildx use" },
    gone: undefined,
  };
}

async function unknownBuilder(
  { name, from }: NamedBuilder,
  store: BuilderStore,
  env: Environment,
): Promise<BktuiError> {
  const names = [...(await store.names()), ...(await contextNames(env)), "default"];
  const near = nearest(name, names);
  const words = near.length === 0 ? "" : ` Did you mean ${near.join(" or ")}?`;
  return new BktuiError("not-found", `${from}: there is no builder "${name}" in ${store.directory}`, {
    hint: `See docker buildx ls.${words}`,
  });
}
