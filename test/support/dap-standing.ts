/** A build that stands at a failed step, as a client of the Debug Adapter Protocol looks at it. */
import { randomUUID } from "node:crypto";
import type { DebugProtocol } from "@vscode/debugprotocol";
import type { ArgumentsOf } from "../../src/dap/requests/arguments.ts";
import type { DapClient } from "./dap-client.ts";
import { type DebuggedBuild, debugBuild } from "./dap-program.ts";
import type { TestEngine } from "./test-engine.ts";

/** Of the build that `standing` makes; no message has it. */
export const SECRET = "hunter2-of-the-seven-seas";

function dockerfile(mark: string): string {
  return `ARG TAG=1.36
FROM busybox:\${TAG} AS base
ARG GREETING=hello
ARG LEVEL=3
ENV MARK=${mark} COLOUR="dark blue"
FROM base AS app
WORKDIR /made
COPY data.txt /made/data.txt
RUN --mount=type=secret,id=token --mount=type=cache,target=/cache,id=things-${mark},sharing=locked --mount=type=tmpfs,target=/scratch \\
    mkdir -p out/deep && echo "$GREETING at $LEVEL" > out/deep/greeting && cat /run/secrets/token > out/copied && \\
    head -c 3000 /dev/zero > out/zeros && ln -s deep/greeting out/link && chmod 4750 out/zeros && exit 7
`;
}

/** A build that stands at its failure, and what a client sees of it. */
export interface Standing extends AsyncDisposable {
  readonly client: DapClient;
  readonly build: DebuggedBuild;
  /** That it stands at. */
  readonly frame: number;
  scopes(): Promise<readonly DebugProtocol.Scope[]>;
  scope(name: string): Promise<readonly DebugProtocol.Variable[]>;
  variables(reference: number, more?: object): Promise<readonly DebugProtocol.Variable[]>;
}

export interface Asked {
  readonly engine: TestEngine;
  readonly text?: string;
  readonly launch?: Readonly<Record<string, unknown>>;
  readonly initialize?: ArgumentsOf<"initialize">;
}

/** At the first stop of a build that runs to its failure. */
export async function standing({ engine, text, launch, initialize }: Asked): Promise<Standing> {
  const files = {
    Dockerfile: text ?? dockerfile(randomUUID()),
    "data.txt": "one\ntwo\n",
    "token.txt": SECRET,
  };
  const build = await debugBuild(engine, {
    files,
    args: ["--secret", "id=token,src=token.txt"],
    launch: { stopOnEntry: false, ...launch },
    secrets: [SECRET],
    ...(initialize === undefined ? {} : { initialize }),
  });
  const { client } = build;
  const { frames } = await build.begin();
  const frame = frames[0]?.id ?? 0;
  const variables: Standing["variables"] = async (variablesReference, more) =>
    (await client.request("variables", { variablesReference, ...more })).variables;
  const scopes: Standing["scopes"] = async () => (await client.request("scopes", { frameId: frame })).scopes;
  return {
    client,
    build,
    frame,
    variables,
    scopes,
    scope: async (name) => {
      const found = (await scopes()).find((scope) => scope.name === name);
      if (found === undefined) throw new Error(`there is no scope ${name}`);
      return await variables(found.variablesReference);
    },
    [Symbol.asyncDispose]: () => build[Symbol.asyncDispose](),
  };
}

export function named(variables: readonly DebugProtocol.Variable[], name: string): DebugProtocol.Variable {
  const found = variables.find((each) => each.name === name);
  if (found === undefined)
    throw new Error(`no ${name} among ${variables.map((each) => each.name).join(", ")}`);
  return found;
}
