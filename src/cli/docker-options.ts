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
  "--iidfile": "use --run, which prints the image id on standard output",
  "--metadata-file": "leave it out; it does not change what the steps do",
  "--no-cache-filter": "use --no-cache, for all stages",
  "--output": "use --load to get the image, or `docker buildx build` for other outputs",
  "--progress": "leave it out; --run without a terminal prints plain progress",
  "--provenance": "leave it out; it does not change what the steps do",
  "--push": "use --load -t NAME, then `docker push NAME`",
  "--quiet": "leave it out; --run prints only the image id on standard output",
  "--sbom": "leave it out; it does not change what the steps do",
  "-o": "use --load to get the image, or `docker buildx build` for other outputs",
  "-q": "leave it out; --run prints only the image id on standard output",
};

/** What to do instead of an option that docker has and bktui lacks; undefined when docker has no such option. */
export function insteadOfDockerOption(flag: string): string | undefined {
  return Object.hasOwn(INSTEAD, flag) ? INSTEAD[flag] : undefined;
}
