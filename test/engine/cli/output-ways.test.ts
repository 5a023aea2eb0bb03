/** Every way to ask for an output, beside docker's own client. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { dockerBuild } from "../../support/docker-client.ts";
import { busyboxContext, forEachEngine } from "../../support/engines.ts";
import { treeListing } from "../../support/tree-listing.ts";
import { runWithoutTerminal } from "../../support/without-terminal.ts";

const DOCKERFILE =
  "FROM busybox:1.36 AS files\nRUN mkdir -p /r/d && echo a >/r/d/a && ln -s d/a /r/l\nFROM scratch AS result\nCOPY --from=files /r /\n";

function hashText(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 8);
}

forEachEngine((engine) => {
  const hasBuildx = engine.binDir === undefined || existsSync(join(engine.binDir, "docker-buildx"));

  test.runIf(hasBuildx)(
    "each way to ask for an output ends as with docker buildx, and leaves the same files",
    async () => {
      await using context = await busyboxContext({});
      // Left out is what buildx before 0.36 does otherwise: directories on the way, files of refused outputs, modes of "local".
      const ways: readonly (readonly string[])[] = [
        ["-o", "O"],
        ["-oO"],
        ["--output=O"],
        ["--output", "type=local,dest=O"],
        ["--output", '"type=local","dest=O,x"'],
        ["-o", "type=tar,dest=O"],
        ["-o", "TYPE=tar,DEST=O"],
        ["-o", "type=cacheonly"],
        ["-o", "type=image"],
        ["-o", "type=image,name=bktui-test-ways:1"],
        ["-o", "type=docker"],
        ["-o", "type=registry"],
        ["-o", "type=registry,name=127.0.0.1:1/x"],
        ["-o", "type=local"],
        ["-o", "type=local,dest=-"],
        ["-o", "type=nothing"],
        ["-o", "dest=O"],
        ["-o", "type=local,dest=Dockerfile"],
        ["-o", "type=tar,dest=."],
        ["-o", "O", "--iidfile", "I"],
        ["-o", "type=image", "--iidfile", "I"],
        ["-o", "type=cacheonly", "--iidfile", "I"],
        ["--push"],
        ["--load", "-o", "O"],
        ["-o", "O", "-o", "type=tar,dest=T"],
        ["-o", "-", "-o", "type=tar"],
        ["-o", ""],
      ];
      const outcomes = async (make: (args: readonly string[]) => Promise<number | null>, at: string) => {
        const seen: string[] = [];
        for (const way of ways) {
          const cwd = join(context.path, at);
          mkdirSync(cwd);
          writeFileSync(join(cwd, "Dockerfile"), DOCKERFILE);
          const args = ["--build-arg", "SOURCE_DATE_EPOCH=1000000000", ...way, "."];
          const exitCode = await make(args.map((word) => (word === "." ? cwd : word)));
          const files = treeListing(cwd).map((line) => line.replace(/^(\S) \S+ \S+ \d+/, "$1"));
          seen.push(`${way.join(" ")}: ${exitCode} ${files.length} ${hashText(files.join("\n"))}`);
          rmSync(cwd, { recursive: true });
        }
        return seen;
      };
      const cwd = join(context.path, "w");
      const theirs = await outcomes(async (args) => (await dockerBuild(engine, args, { cwd })).exitCode, "w");
      const ours = await outcomes(
        async (args) => (await runWithoutTerminal(engine, ["--run", ...args], "", { cwd })).exitCode,
        "w",
      );
      expect(ours).toEqual(theirs);
    },
  );
});
