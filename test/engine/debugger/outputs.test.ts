import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { parseAddress } from "../../../src/transport/address.ts";
import { give, startDebugging, where } from "../../support/debugging.ts";
import { docker, dockerBuild } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { wireTo } from "../../support/wire.ts";

function dockerfile(id: string, version: number): string {
  return `FROM busybox:1.36
LABEL version=${version}
RUN echo ${id}
RUN --mount=type=secret,id=token cat /run/secrets/token
`;
}

forEachEngine((engine) => {
  test.each(["stays", "breaks"])(
    "the image is that of the file that was loaded, though it was edited since and the session %s",
    async (how) => {
      await using wire = await wireTo(engine);
      const id = randomUUID();
      await using bench = await startDebugging(
        parseAddress(wire.engine.dockerHost),
        { files: { Dockerfile: dockerfile(id, 1) } },
        { load: true, secrets: [{ id: "token", from: { kind: "file", path: import.meta.filename } }] },
      );
      const { debug, context } = bench;
      for (const line of [3, 4]) expect(await give(debug, "next")).toBe(`before ${line} step`);
      await writeFile(join(context.path, "Dockerfile"), dockerfile(id, 2));
      if (how === "breaks") {
        wire.admit("session", false);
        wire.cut("session");
        debug.dispatch({ kind: "next" });
        await vi.waitFor(() => expect(wire.opened("session")).toBeGreaterThan(2), 20_000);
        wire.admit("session", true);
        expect(where(await debug.rest())).toBe("end 4 step");
      }
      expect(await give(debug, "continue")).toBe("finished");
      const image = debug.state.phase.kind === "finished" ? debug.state.phase.imageId : undefined;
      const label = ["image", "inspect", "--format", "{{.Config.Labels.version}}", image ?? ""];
      expect((await docker(engine, label)).stdout.trim()).toBe("1");
      await docker(engine, ["image", "rm", "--force", image ?? ""]);
    },
  );

  test("the image is on the base that was stepped on, though its tag has moved since", async () => {
    const [tag, id] = [`bktui-test-base:${randomUUID()}`, randomUUID()];
    const tagBase = async (base: string): Promise<void> => {
      await using files = await busyboxContext({
        files: { Dockerfile: `FROM busybox:1.36\nENV BASE=${base}\n` },
      });
      const { exitCode, stderr } = await dockerBuild(engine, ["-t", tag, files.path], { load: true });
      expect(exitCode, stderr).toBe(0);
    };
    await tagBase("old");
    const Dockerfile = `FROM ${tag}\nRUN echo ${id} $BASE\nRUN echo ${id} again\n`;
    await using bench = await startDebugging(
      parseAddress(engine.dockerHost),
      { files: { Dockerfile } },
      { load: true },
    );
    const { debug } = bench;
    for (const line of [2, 3]) expect(await give(debug, "next")).toBe(`before ${line} step`);
    await tagBase("new");
    expect(await give(debug, "continue")).toBe("finished");
    const image = debug.state.phase.kind === "finished" ? debug.state.phase.imageId : undefined;
    const { stdout } = await docker(engine, [
      "image",
      "inspect",
      "--format",
      "{{json .Config.Env}}",
      image ?? "",
    ]);
    expect(stdout).toContain("BASE=old");
    await docker(engine, ["image", "rm", "--force", image ?? "", tag]);
  });

  test("an image without files is made as docker makes it", async () => {
    const files = { Dockerfile: "FROM scratch\nLABEL nothing=here\n" };
    await using bench = await startDebugging(parseAddress(engine.dockerHost), { files }, { load: true });
    const { debug, context } = bench;
    expect(where(debug.state)).toBe("finished");
    const iid = join(context.path, "iid");
    await dockerBuild(engine, ["--iidfile", iid, context.path], { load: true });
    expect(debug.state.phase).toMatchObject({ imageId: await readFile(iid, "utf8") });
  });
});
