/** Targets of a bake file: the first in the session that launched them, each other one in a session that is asked for. */
import { expect, test } from "vitest";
import type { DapClient } from "../../support/dap-client.ts";
import { EDITOR, startDap } from "../../support/dap-program.ts";
import { buildxDirectory } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";

const FILES = {
  "docker-bake.hcl": `group "default" { targets = ["app", "inline"] }
target "app" { target = "app" }
target "inline" {
  dockerfile-inline = <<EOT
FROM busybox:1.36
RUN echo inline
EOT
}
`,
  Dockerfile: `FROM busybox:1.36 AS app
RUN echo app
`,
};

forEachEngine((engine) => {
  const env = { PATH: `${buildxDirectory(engine)}:${process.env["PATH"]}` };

  async function through(client: DapClient): Promise<string> {
    await client.request("configurationDone");
    const { frames } = await client.stop();
    await client.request("continue", { threadId: 1 });
    await client.event("terminated");
    await client.request("disconnect");
    return frames[0]?.source?.path ?? frames[0]?.source?.name ?? "";
  }

  test("each target is debugged, in as many sessions as there are targets", async () => {
    await using context = await busyboxContext({ files: FILES, unique: true });
    const asked: { readonly request: string; readonly configuration: Record<string, unknown> }[] = [];
    const reverse = {
      startDebugging: (args: unknown) => {
        asked.push(args as (typeof asked)[number]);
        return {};
      },
    };
    await using first = await startDap(["dap"], { engine, env, cwd: context.path, reverse });
    await first.client.request("initialize", { ...EDITOR, supportsStartDebuggingRequest: true });
    await first.client.request("launch", { bake: true, stopOnEntry: true });
    expect(await through(first.client)).toBe(`${context.path}/Dockerfile`);
    expect(await first.ended()).toBe(0);
    expect(asked).toMatchObject([
      { request: "launch", configuration: { bake: ["inline"], name: "inline", stopOnEntry: true } },
    ]);

    await using second = await startDap(["dap"], { engine, env, cwd: context.path });
    await second.client.request("initialize", EDITOR);
    await second.client.request("launch", asked[0]?.configuration ?? {});
    expect(await through(second.client)).toContain("Dockerfile");
    expect(second.client.output()).toContain("inline");
    expect(await second.ended()).toBe(0);
  });

  test("a client that begins no sessions is told which targets it does not see, and a wrong target is refused", async () => {
    await using context = await busyboxContext({ files: FILES, unique: true });
    await using told = await startDap(["dap"], { engine, env, cwd: context.path });
    await told.client.request("initialize", EDITOR);
    await expect(told.client.request("launch", { bake: "nowhere" })).rejects.toThrow("nowhere");
    await told.client.request("launch", { bakeFiles: ["docker-bake.hcl"], stopOnEntry: true });
    await through(told.client);
    expect(told.client.output()).toContain("this client begins no further sessions: inline");
    expect(await told.ended()).toBe(0);
  });
});
