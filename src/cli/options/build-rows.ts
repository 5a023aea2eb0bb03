/** The options of `docker build`: the one table of how they are spelled and what each sets. */
import { resolve } from "node:path";
import { parseAllow, parseSecret, parseSsh } from "../../console/build-options.ts";
import {
  parseAddHost,
  parseBuildArgs,
  parseLabels,
  parseNetwork,
  parsePlatform,
  parseShmSize,
  parseTag,
  parseUlimit,
} from "../../console/option-values.ts";
import type { BuildChoices } from "../debug-options.ts";
import type { OptionRow } from "./option-row.ts";

/** A build without options. */
export const PLAIN_BUILD: BuildChoices = {
  target: undefined,
  buildArgs: {},
  labels: {},
  secrets: [],
  ssh: [],
  noCache: false,
  pull: false,
  platform: undefined,
  network: undefined,
  addHosts: [],
  ulimits: [],
  shmSize: undefined,
  allow: [],
  tags: [],
  load: false,
  debugImage: undefined,
};

/** In the order of the help. */
export const BUILD_ROWS: readonly OptionRow[] = [
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
    choose: (texts) => ({ build: { allow: texts.map(parseAllow) } }),
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
    flags: "--context <directory>",
    help: "build context, when it is not the Dockerfile's directory",
    choose: ([text = ""], { cwd }) => ({ run: { context: resolve(cwd, text) } }),
  },
  {
    flags: "-f, --file <file>",
    help: "Dockerfile (default: PATH/Dockerfile)",
    choose: ([text = ""], { cwd }) => ({ run: { file: resolve(cwd, text) } }),
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
    flags: "--network <mode>",
    help: "network of RUN steps: default, none or host",
    choose: ([text]) => ({ build: { network: parseNetwork(text) } }),
  },
  { flags: "--no-cache", help: "run every step again", choose: () => ({ build: { noCache: true } }) },
  {
    flags: "--platform <os/arch>",
    help: "build for this platform (one)",
    repeated: true,
    choose: (texts) => ({ build: { platform: parsePlatform(texts) } }),
  },
  {
    flags: "--pull",
    help: "ask the registry for newer base images",
    choose: () => ({ build: { pull: true } }),
  },
  {
    flags: "--secret <id=...>",
    help: "secret for RUN --mount=type=secret: id=NAME,src=FILE or id=NAME,env=NAME",
    repeated: true,
    choose: (texts, surroundings) => ({
      build: { secrets: texts.map((text) => parseSecret(text, surroundings)) },
    }),
  },
  {
    flags: "--shm-size <bytes>",
    help: "size of /dev/shm in RUN steps, e.g. 64m",
    choose: ([text]) => ({ build: { shmSize: parseShmSize(text) } }),
  },
  {
    flags: "--ssh <id>",
    help: "agent for RUN --mount=type=ssh: default or ID=SOCKET",
    repeated: true,
    choose: (texts, surroundings) => ({ build: { ssh: texts.map((text) => parseSsh(text, surroundings)) } }),
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
    choose: (texts) => ({ build: { ulimits: texts.map(parseUlimit) } }),
  },
];
