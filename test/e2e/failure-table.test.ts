/** Every way to fail, one after the other in one run, as in an edit loop: the cause and the next key are on the screen. */
import { randomUUID } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { busyboxContext, forEachEngine } from "../support/engines.ts";
import { Terminal } from "../support/terminal.ts";
import type { TestEngine } from "../support/test-engine.ts";

const failures = fileURLToPath(new URL("../fixtures/builds/failures", import.meta.url));

interface Row {
  readonly row: string;
  /** Row 1 of the screen. */
  readonly status: RegExp;
  /** What the summary says, in order. */
  readonly says: readonly RegExp[];
  /** The key or the command that is offered for it. */
  readonly offers: RegExp;
  /** What an engine of BuildKit 0.8 says instead, where it cannot read the file. */
  readonly old?: Pick<Row, "status" | "says" | "offers">;
}

const SHELL = /^ {2}! {2}shell on (?:FAILED|BASE)/m;
const EDIT = / {2}e {2}edit/;

const COMMANDS: readonly Row[] = [
  {
    row: "exit-code",
    status: /FAILED step 3\/3 · exit code 3 · line 4$/,
    says: [/^✗ step 3\/3 failed: exit code 3/m, /^ +\d\.\d+ almost$/m, /^ +\d\.\d+ the reason$/m],
    offers: SHELL,
  },
  {
    row: "program-missing",
    status: /exit code 127 · line 4$/,
    says: [
      /exit code 127: "gerp" not found in PATH/,
      /^Names in it that look like it: grep\./m,
      /^PATH of the step: \/usr/m,
    ],
    offers: SHELL,
  },
  {
    row: "program-missing-exec",
    status: /exit code \d+ · line 4$/,
    says: [/exit code 1: "gerp" not found in PATH/, /look like it: grep\./],
    offers: SHELL,
  },
  {
    row: "not-executable",
    status: /exit code \d+ · line 5$/,
    says: [/exit code 126: "\/run\.sh" is not executable/, /chmod \+x \/run\.sh/],
    offers: EDIT,
  },
  {
    row: "killed",
    status: /exit code 137 · line 4$/,
    says: [/exit code 137: killed by SIGKILL/, /often out of memory/],
    offers: SHELL,
  },
  {
    row: "wrong-format",
    status: /FAILED step 4\/4 · .* · line 5$/,
    says: [/"\/bin\/program" is not made for this machine/, /emulation/],
    offers: SHELL,
  },
  {
    row: "user-missing",
    status: /FAILED step 3\/3 · .* · line 5$/,
    says: [/user "app" does not exist in the image/, /\/etc\/passwd/],
    offers: EDIT,
  },
];

const FILES: readonly Row[] = [
  {
    row: "copy-missing",
    status: /FAILED step 3\/3 · error · line 4$/,
    says: [/COPY: "bulid\/app\.js" is not in the context/, /^In the context there is "build\/app\.js"\./m],
    offers: /^ {2}e {2}edit line 4/m,
  },
  {
    row: "copy-ignored",
    status: /FAILED step 3\/3 · error · line 4$/,
    says: [
      /COPY: "build\/app\.js" is not in the context/,
      /\.dockerignore line 3 keeps it from the build: build/,
    ],
    offers: EDIT,
  },
  {
    row: "copy-from-missing",
    status: /FAILED step 4\/4 · error · line 7$/,
    says: [
      /is not in stage build/,
      /look like it: "\/out\/dist\/app\.js"/,
      /\/out is there and holds dist\//,
    ],
    offers: /^ {2}O {2}open \/out of stage build/m,
  },
  {
    row: "copy-onto-file",
    status: /FAILED step 4\/4 · error · line 5$/,
    says: [/COPY: "\/app" is a file, and a directory is needed there/],
    offers: EDIT,
  },
  {
    row: "add-url",
    status: /FAILED step 3\/3 · error · line 4$/,
    says: [/ADD http:\/\/127\.0\.0\.1:9\/archive\.tar\.gz: connection refused/, /The engine fetches it/],
    offers: EDIT,
  },
  {
    row: "add-url-404",
    status: /FAILED step 2\/2 · error · line 3$/,
    says: [/ADD http:\/\/127\.0\.0\.1:5000\/v2\/nothing\/here\.tar: the server answered 404/],
    offers: EDIT,
  },
];

const GIVEN: readonly Row[] = [
  {
    row: "secret-missing",
    status: /FAILED step 3\/3 · error · line 4$/,
    says: [/secret "token" was not given/],
    offers: /^ {2}:secret id=token,src=PATH {2}gives it now/m,
  },
  {
    row: "ssh-missing",
    status: /FAILED step 3\/3 · error · line 4$/,
    says: [/ssh agent "default" was not given/, /the keys themselves stay here/],
    offers: /:ssh default {2}gives it now/,
  },
  {
    row: "entitlement-network",
    status: /FAILED step 3\/3 · error · line 4$/,
    says: [/RUN --network=host was not allowed for this build/],
    offers: /:allow network\.host {2}gives it now/,
    old: { status: /ERROR line 4$/, says: [/RUN: unknown flag --network/], offers: EDIT },
  },
  {
    row: "entitlement-security",
    status: /ERROR line 4$/,
    says: [/RUN: unknown flag --security/, /# syntax=docker\/dockerfile:1-labs/],
    offers: EDIT,
  },
];

const REFUSED: readonly Row[] = [
  {
    row: "parse-error",
    status: /ERROR line 3$/,
    says: [/^ +\^ unknown instruction RNU, did you mean RUN\?/m, /✗ line 3: unknown instruction RNU/],
    offers: /e {2}edit; saving reloads/,
  },
  {
    row: "parse-flag",
    status: /ERROR line 2$/,
    says: [/line 2: COPY: unknown flag --form, did you mean --from\?/, /COPY knows --chmod/],
    offers: EDIT,
  },
  {
    row: "unknown-stage",
    status: /ERROR|FAILED step 3\/3 · error · line 7$/,
    says: [/cannot pull docker\.io\/library\/desp:latest/, /There is a stage "deps": did you mean it\?/],
    offers: EDIT,
  },
  {
    row: "from-missing",
    status: /ERROR/,
    says: [
      /cannot pull docker\.io\/library\/busybox:99/,
      /Registry: docker\.io\. It did not ask for credentials/,
    ],
    offers: /r {2}try again/,
  },
  {
    row: "platform-missing",
    status: /ERROR/,
    says: [
      /cannot pull docker\.io\/library\/busybox:platforms: not made for this platform/,
      /The image exists, but not for the wanted platform; --platform chooses another one/,
    ],
    offers: EDIT,
  },
  {
    row: "from-unreachable",
    status: /ERROR/,
    says: [
      /cannot pull registry\.invalid\/tools\/node:99: (?:no network|host not found)/,
      /Registry: registry\.invalid/,
    ],
    offers: /r {2}try again/,
  },
  {
    row: "frontend-image",
    status: /ERROR/,
    says: [
      /# syntax=registry\.invalid\/frontend:1 cannot be pulled/,
      /Without that line the engine reads the file/,
    ],
    offers: EDIT,
  },
];

/** The files of a row, the Dockerfile last and unlike any before: a change is seen. */
async function write(row: string, path: string): Promise<void> {
  const from = join(failures, row);
  await cp(from, path, { recursive: true, filter: (name) => !name.endsWith("/Dockerfile") });
  const text = await readFile(join(from, "Dockerfile"), "utf8");
  await writeFile(join(path, "Dockerfile"), `${text}\n# ${randomUUID()}\n`);
}

function expected(row: Row, engine: TestEngine): Pick<Row, "status" | "says" | "offers"> {
  return engine.keepsFailedState ? row : (row.old ?? row);
}

function shows(
  screen: readonly string[],
  { status, says, offers }: Pick<Row, "status" | "says" | "offers">,
): boolean {
  const text = screen.join("\n");
  // Long sentences are wrapped.
  const flowing = text.replaceAll(/\s+/g, " ");
  const isSaid = (pattern: RegExp): boolean => pattern.test(text) || pattern.test(flowing);
  return status.test(screen[0] ?? "") && says.every(isSaid) && offers.test(text);
}

forEachEngine((engine) => {
  test.each([
    ["commands", COMMANDS],
    ["files and addresses", FILES],
    ["what was not given", GIVEN],
    ["what is refused", REFUSED],
  ])("failures are told with their cause and the next key: %s", async (_group, rows) => {
    await using context = await busyboxContext({});
    await write(rows[0]?.row ?? "", context.path);
    await using terminal = await Terminal.start({ engine, args: ["--no-cache", context.path] });
    for (const [index, row] of rows.entries()) {
      if (index > 0) {
        await write(row.row, context.path);
        // A file that was refused is read again as soon as it is saved.
        if (!/ERROR/.test(terminal.row(1))) {
          await terminal.untilRow(1, /file changed, r to rerun/);
          terminal.type(":restart\r");
        }
      }
      await terminal.until(
        (screen) => /LOADED/.test(screen[0] ?? "") || shows(screen, expected(row, engine)),
      );
      if (/LOADED/.test(terminal.row(1))) terminal.type("c");
      await terminal.until((screen) => shows(screen, expected(row, engine)));
    }
  });
});
