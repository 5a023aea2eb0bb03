/** The options of `docker build`: the one table of how they are spelled and what each sets. */
import { resolve } from "node:path";
import { parseBuildContexts } from "../../console/build-contexts.ts";
import { parseAllows, parseSecret, parseSshs } from "../../console/build-options.ts";
import {
  parseAddHost,
  parseBuildArgs,
  parseLabels,
  parseNetwork,
  parseUlimits,
} from "../../console/option-values.ts";
import { parseAnnotations } from "../../console/values/annotations.ts";
import { parseAttestOf, parseAttests } from "../../console/values/attests.ts";
import { parseCaches } from "../../console/values/cache.ts";
import { parseCall } from "../../console/values/call.ts";
import { parseTag } from "../../console/values/image-name.ts";
import { parseOutputs } from "../../console/values/outputs.ts";
import { parsePlatform } from "../../console/values/platform.ts";
import { parsePolicies } from "../../console/values/policy.ts";
import { parseResources, parseShmSize } from "../../console/values/resources.ts";
import { OLD_ROWS } from "./old-rows.ts";
import type { OptionRow } from "./option-row.ts";
import { parseProgress } from "./progress-mode.ts";

/** In the order of the help. */
const SHOWN_ROWS: readonly OptionRow[] = [
  {
    flags: "--add-host <host:ip>",
    help: "add a line to /etc/hosts of the steps",
    repeated: true,
    choose: (texts) => ({ build: { addHosts: texts.flatMap(parseAddHost) } }),
  },
  {
    flags: "--allow <entitlement>",
    help: "allow network.host, security.insecure or device",
    repeated: true,
    choose: (texts) => ({ build: { allow: parseAllows(texts) } }),
  },
  {
    flags: "--annotation <name=value>",
    help: "annotate the image",
    repeated: true,
    choose: (texts) => ({ build: { annotations: parseAnnotations(texts) } }),
  },
  {
    flags: "--attest <type=...>",
    help: "attest the image: type=provenance,mode=max or type=sbom",
    repeated: true,
    choose: (texts) => ({ build: { attests: parseAttests(texts) } }),
  },
  {
    flags: "--build-arg <name=value>",
    help: "set a build argument; NAME alone takes it from the environment",
    repeated: true,
    choose: (texts, surroundings) => {
      const { args, notes } = parseBuildArgs(texts, surroundings);
      return { build: { buildArgs: args }, notes };
    },
  },
  {
    flags: "--build-context <name=value>",
    help: "named context: NAME=DIRECTORY, docker-image://REF, oci-layout://DIRECTORY or a URL",
    repeated: true,
    choose: (texts, surroundings) => ({ build: { contexts: parseBuildContexts(texts, surroundings) } }),
  },
  {
    flags: "--builder <name>",
    help: "builder of buildx to use (default: BUILDX_BUILDER, docker buildx use)",
    choose: ([text]) => ({ run: { builder: text === "" ? undefined : text } }),
  },
  {
    flags: "--cache-from <cache>",
    help: "take the cache from there: NAME[:TAG] or type=TYPE,...",
    repeated: true,
    choose: (texts, at) => ({ build: { cacheFrom: parseCaches("--cache-from", texts, at) } }),
  },
  {
    flags: "--cache-to <cache>",
    help: "put the cache there at the end: type=TYPE,...",
    repeated: true,
    choose: (texts, at) => ({ build: { cacheTo: parseCaches("--cache-to", texts, at) } }),
  },
  {
    flags: "--call <method>",
    help: "ask the frontend instead: check, outline, targets",
    choose: ([text = ""]) => ({ run: { call: parseCall(text) } }),
  },
  {
    flags: "--cgroup-parent <cgroup>",
    help: "cgroup above those of RUN steps",
    choose: ([text]) => ({ build: { cgroupParent: text === "" ? undefined : text } }),
  },
  { flags: "--check", help: "as --call=check", choose: () => ({ run: { call: parseCall("check") } }) },
  {
    flags: "--context <directory>",
    help: "build context, when it is not the Dockerfile's directory",
    choose: ([text = ""], { cwd }) => ({ run: { context: { text, path: resolve(cwd, text) } } }),
  },
  {
    flags: "-f, --file <file>",
    help: "Dockerfile (default: PATH/Dockerfile), - for standard input",
    choose: ([text = ""], { cwd }) => ({ run: { file: { text, path: resolve(cwd, text) } } }),
  },
  {
    flags: "--iidfile <file>",
    help: "write the image's id to a file",
    choose: ([text = ""], { cwd }) => ({ build: { iidFile: resolve(cwd, text) } }),
  },
  {
    flags: "--label <name=value>",
    help: "set a label of the image",
    repeated: true,
    choose: (texts) => ({ build: { labels: parseLabels(texts) } }),
  },
  {
    flags: "--load",
    help: "put the image into the dockerd's store at the end",
    choose: () => ({ build: { load: true } }),
  },
  {
    flags: "--metadata-file <file>",
    help: "write what was made to a file, as JSON",
    choose: ([text = ""], { cwd }) => ({ build: { metadataFile: resolve(cwd, text) } }),
  },
  {
    flags: "--network <mode>",
    help: "network of RUN steps: default, none or host",
    choose: ([text]) => ({ build: { network: parseNetwork(text) } }),
  },
  { flags: "--no-cache", help: "run every step again", choose: () => ({ build: { noCache: true } }) },
  {
    flags: "--no-cache-filter <stage>",
    help: "run every step of this stage again",
    repeated: true,
    choose: (texts) => ({ build: { noCacheStages: texts } }),
  },
  {
    flags: "-o, --output <output>",
    help: "make at the end: DIR, - or type=TYPE,dest=PATH,... (local, tar, oci, docker, image, registry, cacheonly)",
    repeated: true,
    choose: (texts, surroundings) => ({ build: { outputs: parseOutputs(texts, surroundings) } }),
  },
  {
    flags: "--platform <os/arch,...>",
    help: "build for these platforms, a thread each: linux/arm64, arm64, local",
    repeated: true,
    choose: (texts) => ({ build: { platform: parsePlatform(texts) } }),
  },
  {
    flags: "--policy <filename=...>",
    help: "policy of docker buildx; bktui evaluates none",
    repeated: true,
    choose: (texts) => ({ run: { policies: parsePolicies(texts) } }),
  },
  {
    flags: "--progress <mode>",
    help: "auto, plain, tty, quiet, rawjson or none",
    choose: ([text = ""]) => ({ run: { progress: parseProgress(text) } }),
  },
  {
    flags: "--provenance <attributes>",
    help: "attest how it was built: true, false or mode=max",
    choose: ([text]) => ({ build: { attests: parseAttestOf("provenance", text) } }),
  },
  {
    flags: "--pull",
    help: "ask the registry for newer base images",
    choose: () => ({ build: { pull: true } }),
  },
  {
    flags: "--push",
    help: "push the image to its registry at the end",
    choose: () => ({ build: { push: true } }),
  },
  { flags: "-q, --quiet", help: "print the image id only", choose: () => ({ run: { quiet: true } }) },
  {
    flags: "--resource <name=value>",
    help: "limit of RUN steps: memory=2g, cpu-quota=50000, ...",
    repeated: true,
    choose: (texts) => ({ build: { resources: parseResources(texts) } }),
  },
  {
    flags: "--sbom <attributes>",
    help: "attest what is in it: true, false or generator=IMAGE",
    choose: ([text]) => ({ build: { attests: parseAttestOf("sbom", text) } }),
  },
  {
    flags: "--secret <id=...>",
    help: "secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=NAME",
    repeated: true,
    choose: (texts, surroundings) => ({
      build: { secrets: texts.filter(isGiven).map((text) => parseSecret(text, surroundings)) },
    }),
  },
  {
    flags: "--shm-size <bytes>",
    help: "size of /dev/shm in RUN steps, e.g. 64m",
    choose: ([text]) => ({ build: { shmSize: parseShmSize(text) } }),
  },
  {
    flags: "--ssh <id>",
    help: "for RUN --mount=type=ssh: default, ID=SOCKET or ID=KEY[,KEY]",
    repeated: true,
    choose: (texts, surroundings) => ({ build: { ssh: parseSshs(texts.filter(isGiven), surroundings) } }),
  },
  {
    flags: "-t, --tag <name>",
    help: "name of the image, NAME[:TAG]; a dockerd puts it into its store",
    repeated: true,
    choose: (texts) => ({ build: { tags: texts.map(parseTag) } }),
  },
  {
    flags: "--target <stage>",
    help: "build up to this stage (default: the last one)",
    choose: ([text]) => ({ build: { target: text === "" ? undefined : text } }),
  },
  {
    flags: "--ulimit <name=soft[:hard]>",
    help: "limit of RUN steps, e.g. nofile=1024:2048",
    repeated: true,
    choose: (texts) => ({ build: { ulimits: parseUlimits(texts) } }),
  },
];

export const BUILD_ROWS: readonly OptionRow[] = [...OLD_ROWS, ...SHOWN_ROWS];

/** docker leaves empty ones out. */
function isGiven(text: string): boolean {
  return text !== "";
}
