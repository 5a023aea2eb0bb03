/** `bktui attach [NAME]`: which build is meant, and the list of those that there are. */
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { isAbsolute, resolve } from "node:path";
import { BktuiError } from "../base/errors.ts";
import { nearest } from "../base/near.ts";
import { quote } from "../base/quote.ts";
import { visibleLine } from "../base/visible.ts";
import { count } from "../base/words.ts";
import { usageError } from "../console/bad-values.ts";
import type { Surroundings } from "../console/build-options.ts";
import type { Debugger } from "../debugger/debugger.ts";
import type { Attending } from "../plain/attendance.ts";
import type { AttachOptions } from "./commands.ts";
import type { AttachWish, CommandResult, FrontEnds, ScreenRun } from "./front-ends.ts";

/** In a container, from the machine that it runs on; its host name is its short id unless somebody gave it another. */
function fromOutside(command: string): string | undefined {
  if (!existsSync("/.dockerenv") && !existsSync("/run/.containerenv")) return undefined;
  return `docker exec -it ${quote(hostname())} ${command}`;
}

/** Undefined when nobody may attach. */
export function attendingOf(
  { request, settings, serve }: ScreenRun,
  debug: Debugger,
  frontEnds: Pick<FrontEnds, "serve">,
): Attending | undefined {
  const { onError, waitMs } = settings.build;
  if (onError !== "wait" && serve === undefined) return undefined;
  return {
    wait: onError === "wait" ? { limitMs: waitMs } : undefined,
    fromStart: serve !== undefined,
    serve: (end) => frontEnds.serve({ debugger: debug, request, settings, name: serve ?? "", end }),
    outside: fromOutside,
  };
}

type Builds = Awaited<ReturnType<FrontEnds["attachables"]>>;

/** One line for each build that can be attached to. */
export async function attachList({ attachables }: Pick<FrontEnds, "attachables">): Promise<CommandResult> {
  const builds = await attachables();
  if (builds.length === 0) return { text: NOTHING, exitCode: 0 };
  const width = Math.max(...builds.map(({ name }) => name.length));
  return {
    text: builds.map((build) => `${build.name.padEnd(width)}  ${aboutOf(build)}`).join("\n"),
    exitCode: 0,
  };
}

const NOTHING = "no build of this user can be attached to";
const HINT = "a build can that was started with --serve, or stands at a failure with --on-error=wait";

/** @throws {BktuiError} "not-found" when there is none, or none of the name; "usage". */
export async function attachTo(
  name: string | undefined,
  options: AttachOptions,
  { cwd }: Pick<Surroundings, "cwd">,
  frontEnds: FrontEnds,
): Promise<number> {
  const wish = wishOf(options);
  const path = name?.includes("/") === true ? absolute(name, cwd) : await socketOf(name, frontEnds);
  return path === undefined ? 0 : await frontEnds.attach(path, wish);
}

function wishOf({ readOnly, shell, side }: AttachOptions): AttachWish {
  if (shell === undefined) {
    if (side !== undefined)
      throw usageError("--side says which state --shell is in", "add --shell, or leave it out");
    return { wish: readOnly === true ? "watch" : "screen" };
  }
  if (readOnly === true)
    throw usageError(
      "--shell and --read-only cannot be used together: a shell changes files",
      "leave one of them out",
    );
  return { wish: "shell", side: side ?? "shown" };
}

function absolute(path: string, cwd: string): string {
  return isAbsolute(path) ? path : resolve(cwd, path);
}

/** Undefined = none was chosen. */
async function socketOf(name: string | undefined, frontEnds: FrontEnds): Promise<string | undefined> {
  const builds = await frontEnds.attachables();
  if (name !== undefined) return named(name, builds);
  const [only] = builds;
  if (only === undefined) throw new BktuiError("not-found", NOTHING, { hint: HINT });
  if (builds.length === 1) return only.path;
  const items = builds.map((build) => ({ label: `${build.name}  ${aboutOf(build)}`, value: build.path }));
  const look = { color: undefined, ascii: undefined, keys: undefined };
  return await frontEnds.choose("Attach to", items, look);
}

function named(name: string, builds: Builds): string {
  const found = builds.find((build) => build.name === name);
  if (found !== undefined) return found.path;
  const near = nearest(
    name,
    builds.map((build) => build.name),
  );
  throw new BktuiError("not-found", `${NOTHING} by the name ${visibleLine(name)}`, {
    hint:
      near.length > 0
        ? `did you mean ${near.join(" or ")}?`
        : "bktui attach --list lists them; those of another user are for that user alone",
  });
}

function aboutOf({ what, status, screens, pid }: Builds[number]): string {
  const attached = screens === 0 ? "" : ` · ${count(screens, "screen")} attached`;
  return `${what} · ${status} · process ${pid}${attached}`;
}
