/** What a build is asked for when no option says anything. */
import type { BuildChoices } from "../debug-options.ts";

export const PLAIN_BUILD: BuildChoices = {
  contexts: [],
  target: undefined,
  buildArgs: {},
  labels: {},
  secrets: [],
  ssh: [],
  noCache: false,
  noCacheStages: [],
  pull: false,
  platform: undefined,
  network: undefined,
  addHosts: [],
  ulimits: [],
  shmSize: undefined,
  cgroupParent: undefined,
  resources: {},
  allow: [],
  tags: [],
  load: false,
  cacheFrom: [],
  cacheTo: [],
  debugImage: undefined,
};
