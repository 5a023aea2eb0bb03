/**
 * Options of `docker build` and `docker buildx build` that bktui does not have, and what to do instead.
 * Known here so that a pasted command line is answered with more than "unknown option".
 */
const INSTEAD: Readonly<Record<string, string>> = {
  "--annotation": "leave it out; it does not change what the steps do",
  "--attest": "leave it out; it does not change what the steps do",
  "--cache-from": "leave it out; the engine's own cache is used",
  "--cache-to": "leave it out; the engine's own cache is used",
  "--call": "use `docker buildx build --call`",
  "--cgroup-parent": "leave it out; it is not supported yet",
  "--check": "use `docker buildx build --check`",
  "--no-cache-filter": "use --no-cache, for all stages",
  "--progress": "leave it out; --run without a terminal prints plain progress",
  "--provenance": "leave it out; it does not change what the steps do",
  "--quiet": "leave it out; --run prints only the image id on standard output",
  "--sbom": "leave it out; it does not change what the steps do",
  "-q": "leave it out; --run prints only the image id on standard output",
};

/** What to do instead of an option that docker has and bktui lacks; undefined when docker has no such option. */
export function insteadOfDockerOption(flag: string): string | undefined {
  return Object.hasOwn(INSTEAD, flag) ? INSTEAD[flag] : undefined;
}
