/** Options that docker hides: those of the builder before BuildKit, and older names. docker takes them, so does bktui. */
import { parseCall } from "../../console/values/call.ts";
import { parseResources } from "../../console/values/resources.ts";
import type { OptionRow } from "./option-row.ts";

/** In docker's words each is a limit of the steps; `--resource` is its name now (buildx 0.35). */
const LIMITS = [
  "-m, --memory <bytes>",
  "--memory-swap <bytes>",
  "-c, --cpu-shares <number>",
  "--cpu-period <microseconds>",
  "--cpu-quota <microseconds>",
  "--cpuset-cpus <list>",
  "--cpuset-mems <list>",
].map((flags): OptionRow => {
  const [, key = ""] = /--([a-z-]+)/.exec(flags) ?? [];
  return { flags, choose: ([text = ""]) => ({ build: { resources: parseResources([`${key}=${text}`]) } }) };
});

/** What docker says of them too. */
const WARNED: readonly OptionRow[] = [
  {
    flags: "--isolation <technology>",
    choose: () => ({ notes: ["--isolation: BuildKit has no such setting, it is left out"] }),
  },
  {
    flags: "--security-opt <option>",
    repeated: true,
    choose: () => ({
      notes: ["--security-opt: BuildKit has no such setting, it is left out; see RUN --security=insecure"],
    }),
  },
  {
    flags: "--squash",
    choose: () => ({
      notes: ["--squash: BuildKit cannot, it is left out; a stage of its own makes one layer"],
    }),
  },
];

const IDLE = ["--compress", "--rm", "--force-rm"].map(
  (flags): OptionRow => ({ flags, choose: () => ({ idle: [flags] }) }),
);

/** Before it was `--call`. */
const PRINT: OptionRow = {
  flags: "--print <method>",
  choose: ([text = ""]) => ({ run: { call: parseCall(text) } }),
};

export const OLD_ROWS: readonly OptionRow[] = [...LIMITS, ...WARNED, ...IDLE, PRINT];
