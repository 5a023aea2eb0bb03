/** What a build was given beside its options, and what of its options a shell does not have. */
import type { BuildRequest } from "../../engine/build-request.ts";
import { withoutPassword } from "../../engine/build-sources.ts";
import type { EngineInfo } from "../../engine/engine.ts";

/** One line each, e.g. "SOURCE_DATE_EPOCH=1700000000 from the environment"; untrusted text. */
export function takenWords(
  request: (Pick<BuildRequest, "taken" | "buildArgs"> & FrontendGiven) | undefined,
  engine: Pick<EngineInfo, "taken">,
): readonly string[] {
  const asked = new Set(
    Object.keys(request?.buildArgs ?? {}).map((name) => `build-arg ${name}`.toLowerCase()),
  );
  // An argument that was asked for is not taken from docker's configuration.
  const defaults = (engine.taken ?? []).filter(({ name }) => !asked.has(name.toLowerCase()));
  const taken = [...(request?.taken ?? []), ...defaults].map(
    ({ name, value, from }) => `${name}=${value} from ${from}`,
  );
  return [...(request === undefined ? [] : frontendWords(request)), ...taken];
}

type FrontendGiven = Partial<Pick<BuildRequest, "source" | "frontendOptions">>;

/** The frontend that was named, and what it is told by names of its own. */
function frontendWords({ source, frontendOptions = {} }: FrontendGiven): readonly string[] {
  const named = source?.kind === "frontend" ? source : undefined;
  const options = Object.entries(named?.options ?? frontendOptions);
  return [
    ...(named === undefined ? [] : [`frontend ${named.name}`]),
    ...options.map(([name, value]) => `${name}=${withoutPassword(value)} to the frontend`),
  ];
}

/** Limits of steps by the frontend's names; no way leads to a shell for them (BuildKit to 0.32). */
export function limitWords(
  request: Pick<BuildRequest, "resources" | "cgroupParent"> | undefined,
): readonly string[] {
  const limits = Object.entries(request?.resources ?? {}).map(([name, value]) => `${name}=${value}`);
  const parent = request?.cgroupParent === undefined ? [] : [`cgroup-parent=${request.cgroupParent}`];
  const all = [...limits, ...parent];
  return all.length === 0 ? [] : [`${all.join(" ")}: for the steps alone, shells are not limited`];
}
