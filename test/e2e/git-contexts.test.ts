/** Git repositories as contexts: the same verdict and image as buildx, and stepped through without a Dockerfile here. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { both, dockerfile, sameImage, sameRefusal } from "../support/compared-builds.ts";
import { forEachEngine } from "../support/engines.ts";
import { GitServer, HAS_GIT_DAEMON } from "../support/git-server.ts";
import { Terminal } from "../support/terminal.ts";
import { runWithoutTerminal } from "../support/without-terminal.ts";

const FILES = {
  Dockerfile: dockerfile("COPY sub /sub"),
  "sub/Dockerfile": dockerfile("COPY b.txt /b.txt", "RUN cat /b.txt"),
  "sub/Whole": dockerfile("COPY sub/b.txt /"),
  "sub/b.txt": "b",
  Broken: "FROM scratch\n\nRUNN x\n",
};

describe.skipIf(!HAS_GIT_DAEMON)("with git-daemon", () => {
  forEachEngine((engine) => {
    const isNew = engine.keepsFailedState;

    test("branch and directory, in both spellings", async () => {
      await using git = await GitServer.start(engine, FILES);
      const [{ url }, cwd] = [git, git.directory];
      await sameImage(engine, [url], { cwd });
      // BuildKit 0.8 knows no directories in a repository.
      await (isNew ? sameImage : sameRefusal)(engine, [`${url}#other:sub`], { cwd });
      await sameImage(engine, ["-f", "sub/Whole", url], { cwd });
      const { ours, dockers } = await both(engine, [`${url}?ref=other&subdir=sub`], { cwd });
      expect({ built: ours.built, image: ours.image }, ours.said + dockers.said).toEqual({
        built: dockers.built,
        image: dockers.image,
      });
      await sameRefusal(engine, [`${url}#nobranch`], { cwd });
    });

    test("with a Dockerfile from here, from a pipe, and as a named context", async () => {
      await using git = await GitServer.start(engine, FILES);
      const [{ url }, cwd] = [git, git.directory];
      await writeFile(join(cwd, "Own"), dockerfile("COPY sub/b.txt /own"));
      await sameImage(engine, ["-f", join(cwd, "Own"), url], { cwd });
      await sameImage(engine, ["-f", "-", url], { cwd, input: dockerfile("COPY sub/b.txt /piped") });
      await mkdir(join(cwd, "app"));
      await writeFile(join(cwd, "app/Dockerfile"), dockerfile("COPY --from=repo sub/b.txt /b"));
      await (isNew ? sameImage : sameRefusal)(engine, ["--build-context", `repo=${url}`, "app"], { cwd });
    });

    test("stepped through by lines, with a shell at a COPY", async () => {
      await using git = await GitServer.start(engine, FILES);
      const script = "next\nshell\npwd\nexit\ncontinue\nquit\n";
      const { exitCode, stdout } = await runWithoutTerminal(engine, ["--ui=plain", git.url], script);
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toMatch(/debugging Dockerfile of git:[\s\S]*step 1\/\d[\s\S]*\n\/\n/);
    });

    test("on the screen: its source, and a refused file at its line, which is edited in a copy", async () => {
      await using git = await GitServer.start(engine, FILES);
      const editor = join(git.directory, "edit.sh");
      await writeFile(editor, '#!/bin/sh\nfor last; do :; done\nsed -i "s/RUNN x/COPY sub \\/s/" "$last"\n', {
        mode: 0o755,
      });
      await using terminal = await Terminal.start({
        engine,
        args: ["-f", "Broken", git.url],
        env: { EDITOR: editor, VISUAL: "" },
      });
      if (!isNew) {
        // BuildKit 0.8 refuses without telling the file.
        await terminal.until(/line 3: unknown instruction RUNN/);
        return;
      }
      await terminal.until(/3[^\n]*RUNN x/);
      terminal.type("e");
      // What was refused is loaded again when it is saved.
      await terminal.until(/3[^\n]*COPY sub \/s/);
      terminal.type("c");
      await terminal.until(/FINISHED/);
    });
  });
});
