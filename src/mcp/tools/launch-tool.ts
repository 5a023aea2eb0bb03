/** Begins a build: that of the server's command line, or another one in its directories. */
import { BktuiError } from "../../base/errors.ts";
import type { LaunchOptions, McpHost } from "../contract.ts";
import { AnsweredError } from "../failed.ts";
import { flag, named, optional, type Read, text, texts, whole } from "../fields.ts";
import { placeOf } from "../places.ts";
import { inTime } from "../runs.ts";
import { told } from "../tell.ts";
import { type Tool, tool } from "../tool.ts";

const FIELDS = {
  path: optional(
    text(
      "directory with a Dockerfile (the build context), in the server's directories; default: as the server was started",
    ),
  ),
  dockerfile: optional(text("the Dockerfile, relative to path")),
  target: optional(text("stage to build; default: the last one")),
  args: optional(named("build arguments by name")),
  secrets: optional(
    texts(
      "as docker's --secret: id=NAME,src=FILE (in the build's directories) or id=NAME,env=VARIABLE (one that the server's command line names)",
    ),
  ),
  platform: optional(text("e.g. linux/arm64")),
  no_cache: optional(flag("run every step anew")),
  breakpoints: optional(texts("places as break has them")),
  stop_on_entry: optional(
    flag("stop before the first step (default true); false: run to a breakpoint, a failure or the end"),
  ),
  seconds: optional(whole("seconds to wait for it to stop (default 45)", { most: 3600 })),
};

export const LAUNCH_TOOL: Tool = tool({
  name: "launch",
  title: "Launch a build",
  description:
    "Begin a build and stop before its first step, or with stop_on_entry false run to the first breakpoint, failure or the end. Ends the build before it. Without arguments: the build that the server was started for. Answers where it stands.",
  kind: "runs",
  fields: FIELDS,
  run: async (args, around) => {
    const { host, current, report } = around;
    const options = await optionsOf(args, host);
    return await inTime(
      async (signal) => {
        const build = await current.replace(() =>
          host.launch(options, { signal: around.signal, onProgress: report }),
        );
        const answer = await build.ready;
        signal.throwIfAborted();
        if (!answer.ok) throw new AnsweredError(answer.error);
        return told(answer.result);
      },
      args.seconds,
      around,
    );
  },
});

async function optionsOf(args: Read<typeof FIELDS>, host: McpHost): Promise<LaunchOptions> {
  const { places } = host;
  const path = args.path === undefined ? undefined : await existing(args.path, host);
  const within = path === undefined ? places : { ...places, directories: [path, ...places.directories] };
  const dockerfile = args.dockerfile === undefined ? undefined : await placeOf(args.dockerfile, within);
  const secrets = args.secrets ?? [];
  for (const secret of secrets) await checkSecret(secret, host);
  return {
    path,
    dockerfile: dockerfile?.path,
    target: args.target,
    args: args.args ?? {},
    secrets: await Promise.all(secrets.map((secret) => withPlace(secret, host))),
    platform: args.platform,
    noCache: args.no_cache === true,
    stopOnEntry: args.stop_on_entry,
    breakpoints: args.breakpoints ?? [],
  };
}

async function existing(path: string, { places }: McpHost): Promise<string> {
  const place = await placeOf(path, places);
  if (place.exists) return place.path;
  throw new BktuiError("not-found", `${place.shown} is not there`, {
    hint: "Name a directory with a Dockerfile.",
  });
}

const SOURCE_KEYS = ["src", "source", "target"];

/** Values come from the build's directories, or from where the person who started the server says. */
async function checkSecret(secret: string, { secretVariables }: McpHost): Promise<void> {
  const fields = fieldsOf(secret);
  const variable =
    fields.get("env") ??
    (fields.get("type") === "env"
      ? (fields.get("src") ?? fields.get("source") ?? fields.get("id"))
      : undefined);
  if (variable !== undefined && !secretVariables.has(variable))
    throw new BktuiError("usage", `the variable ${variable.slice(0, 60)} may not be given as a secret`, {
      hint: `Who runs the server allows it by starting it with --secret id=NAME,env=${variable.slice(0, 60)}.`,
    });
  const hasSource = variable !== undefined || SOURCE_KEYS.some((key) => fields.has(key));
  if (!hasSource)
    throw new BktuiError("usage", "a secret needs src=FILE or env=VARIABLE", {
      hint: "Write id=NAME,src=FILE with a file in the build's directories.",
    });
}

/** The file without links and "..", so that no other one is read. */
async function withPlace(secret: string, { places }: McpHost): Promise<string> {
  const fields = fieldsOf(secret);
  if (fields.has("env") || fields.get("type") === "env") return secret;
  const file = fields.get("src") ?? fields.get("source") ?? "";
  const place = await placeOf(file, places);
  return `id=${fields.get("id") ?? ""},src=${place.path}`;
}

/** @throws {BktuiError} "usage" for quotes, which would let one field hide in another. */
function fieldsOf(secret: string): ReadonlyMap<string, string> {
  if (/["\r\n]/.test(secret)) throw new BktuiError("usage", "a secret has a quote or a line end in it");
  const fields = new Map<string, string>();
  for (const part of secret.split(",")) {
    const at = part.indexOf("=");
    if (at < 0) throw new BktuiError("usage", `"${part.slice(0, 60)}" in a secret is no key=value`);
    const key = part.slice(0, at).trim().toLowerCase();
    if (fields.has(key)) throw new BktuiError("usage", `a secret has ${key} twice`);
    fields.set(key, part.slice(at + 1));
  }
  for (const key of fields.keys())
    if (!["id", "type", "src", "source", "env"].includes(key))
      throw new BktuiError("usage", `a secret has no ${key.slice(0, 60)}`, {
        hint: "It has id, and src or env.",
      });
  return fields;
}
