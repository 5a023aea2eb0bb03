/** What a record says of a build's options, as the words of a `docker build` line, so that there is one grammar for both. Pure. */
import { visibleLine } from "../../base/visible.ts";
import type { BuildRecord } from "../../engine/record.ts";
import { isRemote } from "../build-contexts.ts";

export interface OptionWords {
  readonly words: readonly string[];
  /** What the record does not hold, as options that give it, e.g. "--build-context shared=DIRECTORY". */
  readonly missing: readonly { readonly what: string; readonly option: string; readonly name: string }[];
  /** What could not be taken over, one harmless line each. */
  readonly notes: readonly string[];
}

type Words = readonly string[];

/** By the frontend's names of attributes (BuildKit 0.11 to 0.32). */
const OPTIONS: Readonly<Record<string, (value: string) => Words>> = {
  "add-hosts": (value) => listed(value).map((each) => `--add-host=${each}`),
  "cgroup-parent": (value) => [`--cgroup-parent=${value}`],
  cpuperiod: (value) => [`--resource=cpu-period=${value}`],
  cpuquota: (value) => [`--resource=cpu-quota=${value}`],
  cpusetcpus: (value) => [`--resource=cpuset-cpus=${value}`],
  cpusetmems: (value) => [`--resource=cpuset-mems=${value}`],
  cpushares: (value) => [`--resource=cpu-shares=${value}`],
  "force-network-mode": (value) => [`--network=${value}`],
  "image-resolve-mode": (value) => (value === "pull" ? ["--pull"] : []),
  memory: (value) => [`--resource=memory=${value}`],
  memswap: (value) => [`--resource=memory-swap=${value}`],
  "shm-size": (value) => [`--shm-size=${value}`],
  target: (value) => [`--target=${value}`],
  ulimit: (value) => listed(value).map((each) => `--ulimit=${each}`),
};
/** They say where files are, are found out anew, or change nothing of the steps. */
const READ_APART =
  /^(context|contextkey|dockerfilekey|filename|platform|multi-platform|no-cache|cache-imports|source|cmdline|frontend\.caps|requestid|(vcs|attest|sharedkey|input|contextkey):.*|attest|sharedkey)$/;

/**
 * @param platform the failed step's; undefined = the first of those that were built for
 * @param isOwn it ran on this engine: what it had from this machine may be given again without asking
 */
export function optionWords(
  { attributes }: Pick<BuildRecord, "attributes">,
  { platform, isOwn }: { readonly platform: string | undefined; readonly isOwn: boolean },
): OptionWords {
  const words: string[] = [];
  const notes: string[] = [];
  const missing: OptionWords["missing"][number][] = [];
  for (const [key, value] of Object.entries(attributes)) {
    const [, kind = "", name = ""] = /^(build-arg|label|context):(.+)$/s.exec(key) ?? [];
    const option = Object.hasOwn(OPTIONS, key) ? OPTIONS[key] : undefined;
    if (kind === "context") {
      if (isFetchedContext(value)) words.push(`--build-context=${name}=${value}`);
      else missing.push(lackOf(name, value));
    } else if (kind !== "") words.push(`--${kind}=${name}=${value}`);
    else if (key === "force-network-mode" && value === "host" && !isOwn)
      notes.push("the recorded build had the network of its machine: --network=host gives it that here");
    else if (option !== undefined) words.push(...option(value));
    else if (!READ_APART.test(key))
      notes.push(`${key} of the record is left out, bktui has no option for it`);
  }
  words.push(...platformWords(attributes["platform"], platform, notes));
  const uncached = attributes["no-cache"];
  if (uncached !== undefined)
    notes.push(
      `the recorded build ran ${uncached === "" ? "all steps" : `the steps of ${uncached}`} anew; here they are taken from the cache`,
    );
  const imports = attributes["cache-imports"];
  if (imports !== undefined) words.push(...cacheWords(imports, notes));
  return { words, missing, notes: notes.map(visibleLine) };
}

function platformWords(recorded: string | undefined, failed: string | undefined, notes: string[]): Words {
  const all = recorded === undefined || recorded === "" ? [] : listed(recorded);
  const chosen = failed !== undefined && (all.length === 0 || all.includes(failed)) ? failed : all[0];
  if (all.length > 1) notes.push(`the recorded build was for ${all.join(", ")}; here it is ${chosen}`);
  return chosen === undefined || all.length === 0 ? [] : [`--platform=${chosen}`];
}

function isFetchedContext(value: string): boolean {
  return value.startsWith("docker-image://") || isRemote(value);
}

function lackOf(name: string, value: string): OptionWords["missing"][number] {
  const what = value.startsWith("local:")
    ? "a directory"
    : value.startsWith("oci-layout:")
      ? "an OCI layout"
      : value.startsWith("input:")
        ? "the result of another build"
        : "something of its own machine";
  const given = value.startsWith("oci-layout:") ? "oci-layout://DIRECTORY" : "DIRECTORY";
  return { what: `the context ${name} was ${what}`, option: `--build-context ${name}=${given}`, name };
}

/** Those of a registry; others need more than a record holds. */
function cacheWords(json: string, notes: string[]): Words {
  let entries: unknown;
  try {
    entries = JSON.parse(json);
  } catch {
    entries = undefined;
  }
  const words = (Array.isArray(entries) ? entries : []).flatMap((entry: unknown) => {
    const ref = entry instanceof Object && "Attrs" in entry ? entry.Attrs : undefined;
    const text = ref instanceof Object && "ref" in ref ? ref.ref : undefined;
    const type = entry instanceof Object && "Type" in entry ? entry.Type : undefined;
    return type === "registry" && typeof text === "string" && !/[\s,"]/.test(text)
      ? [`--cache-from=type=registry,ref=${text}`]
      : [];
  });
  const left = (Array.isArray(entries) ? entries.length : 1) - words.length;
  if (left > 0)
    notes.push("caches that the recorded build took steps from are left out; --cache-from names them again");
  return words;
}

function listed(text: string): readonly string[] {
  return text.split(",").filter((each) => each !== "");
}
