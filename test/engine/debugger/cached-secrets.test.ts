/** A step that wrote a secret down is in the cache, so nobody asks for the value: it is hidden all the same. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseAddress } from "../../../src/transport/address.ts";
import { give, startDebugging, where } from "../../support/debugging.ts";
import { forEachEngine } from "../../support/engines.ts";

const VALUE = "written-down-by-an-earlier-build";
let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "bktui-cached-secrets-"));
  await writeFile(join(directory, "token"), VALUE);
});
afterAll(() => rm(directory, { recursive: true }));

forEachEngine((engine) => {
  test("the value of a secret that only an earlier build has asked for is hidden", async () => {
    const address = parseAddress(engine.dockerHost, engine.kind);
    const name = `kept-${process.pid}-${Math.floor(performance.now())}`;
    const Dockerfile = `FROM busybox:1.36\nRUN --mount=type=secret,id=token cp /run/secrets/token /${name}\n`;
    const from = { kind: "file" as const, path: join(directory, "token") };
    const secrets = [{ id: "token", from }];
    for (const attempt of ["done", "cached"]) {
      await using bench = await startDebugging(address, { files: { Dockerfile } }, { secrets });
      const { debug } = bench;
      await give(debug, "continue");
      expect(where(debug.state)).toBe("finished");
      const step = debug.progress.vertices().find(([, vertex]) => vertex.name.includes(name));
      expect(step?.[1].status).toBe(attempt);
      expect(debug.masked(`it is ${VALUE}`)).toBe("it is ***");
    }
  });
});
