/** docker's options and a frontend's own, which may say the same in two ways, taken together. Pure. */
import { usageError } from "../../console/bad-values.ts";
import type { BuildChoices } from "../debug-options.ts";
import { type Chosen, together } from "./option-row.ts";

/** By what of a build they set: the option, and the frontend's name of it. */
const BOTH: readonly (readonly [keyof BuildChoices, option: string, opt: string])[] = [
  ["target", "--target", "target"],
  ["platform", "--platform", "platform"],
  ["network", "--network", "force-network-mode"],
  ["shmSize", "--shm-size", "shm-size"],
  ["cgroupParent", "--cgroup-parent", "cgroup-parent"],
];
const NAMED: readonly (readonly ["buildArgs" | "labels", option: string, opt: string])[] = [
  ["buildArgs", "--build-arg", "build-arg"],
  ["labels", "--label", "label"],
];

/** @throws {BktuiError} "usage" when they contradict each other. */
export function chosenBuild(docker: Required<Chosen>, frontend: Required<Chosen>): Required<Chosen> {
  const [one, two] = [docker.build, frontend.build];
  for (const [key, option, opt] of BOTH)
    if (one[key] !== undefined && two[key] !== undefined && one[key] !== two[key])
      throw contradiction(`${option} ${String(one[key])}`, `--opt ${opt}=${String(two[key])}`);
  for (const [key, option, opt] of NAMED) {
    const given = two[key] ?? {};
    for (const [name, value] of Object.entries(one[key] ?? {}))
      if (Object.hasOwn(given, name) && given[name] !== value)
        throw contradiction(`${option} ${name}`, `--opt ${opt}:${name}`);
  }
  return together([frontend, docker]);
}

function contradiction(one: string, two: string): Error {
  return usageError(`${one} and ${two} say different things`, "give one of them");
}
