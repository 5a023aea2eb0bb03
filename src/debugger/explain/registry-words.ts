/** Why an image could not be pulled: which registry was asked, and with whose credentials. */
import { nearest } from "../../base/near.ts";
import type { CredentialsAsked } from "../../engine/failures.ts";
import type { RemoteProblem } from "../failures/reasons.ts";

/** @param asked what the engine wanted to know from us; undefined when that is not known */
export function pullWhy(
  image: string | undefined,
  problem: RemoteProblem,
  asked: readonly CredentialsAsked[] | undefined,
): readonly string[] {
  const host = image === undefined ? undefined : registryOf(image);
  const credentials = asked === undefined ? "" : credentialsWords(asked);
  const registry = host === undefined ? "" : `Registry: ${host}.`;
  const first = [registry, credentials].filter((text) => text !== "").join(" ");
  return [
    ...(first === "" ? [] : [first]),
    ...adviceOn(problem),
    ...(problem.text === problem.words ? [] : [problem.text]),
  ];
}

/** A mistyped stage is taken for an image. */
export function stageMeant(image: string | undefined, stages: readonly string[]): readonly string[] {
  const [near] = image === undefined ? [] : nearest(shortName(image), stages, 1);
  return near === undefined ? [] : [`There is a stage "${near}": did you mean it?`];
}

/** "docker.io/library/node:latest" -> "node". */
export function shortName(image: string): string {
  return image.replace(/^docker\.io\/(?:library\/)?/, "").replace(/:latest$/, "");
}

/** Host of an image name as docker reads it; "docker.io" when it names none. */
export function registryOf(image: string): string {
  const slash = image.indexOf("/");
  const first = slash < 0 ? "" : image.slice(0, slash);
  return /[.:]/.test(first) || first === "localhost" ? first : "docker.io";
}

function credentialsWords(asked: readonly CredentialsAsked[]): string {
  const last = asked.at(-1);
  switch (last?.outcome) {
    case undefined:
      return "It did not ask for credentials.";
    case "given":
      return `Credentials for ${last.host} were found and given.`;
    case "token":
      return `A token for ${last.host} was fetched with the credentials that were found, and given.`;
    case "failed":
      return `Credentials for ${last.host} could not be had: ${last.why ?? "for an unknown reason"}.`;
    case "none":
      return `No credentials for ${last.host} were found.`;
    case "refused":
      return `Credentials for ${last.host} were not given: the Dockerfile does not name that registry.`;
  }
}

function adviceOn({ kind }: RemoteProblem): readonly string[] {
  switch (kind) {
    case "network":
      return ["The engine pulls it, with its own network and proxy, not this machine."];
    case "platform":
      return ["The image exists, but not for the wanted platform; --platform chooses another one."];
    case "unauthorized":
      return ["It may not exist either: registries do not tell strangers."];
    case "limited":
      return ["A login has a higher limit; an image that the engine has already is not pulled again."];
    case "not-found":
    case "server":
      return [];
  }
}
