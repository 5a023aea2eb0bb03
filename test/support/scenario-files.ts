/** Dockerfiles of the scenarios in test/scripts, for all front ends that go through them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { busyboxContext, type TestContext } from "./engines.ts";
import { fixtureAt } from "./fixtures.ts";

/** Fails without its argument. */
const GO = `FROM scratch
COPY busybox /bin/sh
ARG GO
RUN test -n "$GO" || { echo not yet; exit 1; }
`;
/** Two stages fail, the third one does not. */
const TWO_FAILURES = `FROM scratch AS base
COPY busybox /bin/sh
FROM base AS one
RUN exit 3
FROM base AS two
RUN exit 4
FROM base AS three
RUN echo fine
FROM base
COPY --from=one /bin/sh /1
COPY --from=two /bin/sh /2
COPY --from=three /bin/sh /3
`;

async function fx(change: (dockerfile: string) => string = (text) => text): Promise<TestContext> {
  return await of(change(await readFile(join(fixtureAt("fx"), "Dockerfile"), "utf8")));
}

async function of(Dockerfile: string, files: Readonly<Record<string, string>> = {}): Promise<TestContext> {
  return await busyboxContext({ files: { Dockerfile, ...files }, unique: true });
}

/** By the name of the script. */
export const SCENARIO_FILES = {
  scenarios: () => fx(),
  stages: () => fx(),
  "failed-files": () => fx(),
  "going-back": () => fx(),
  "stage-end": () => fx((text) => text.replace("&& false", "&& true")),
  fixed: () => of(GO),
  "keep-going": () => of(TWO_FAILURES),
  "no-shell": () => of("FROM scratch\nCOPY only /\n", { only: "nothing else\n" }),
} as const;
