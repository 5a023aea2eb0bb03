/** The answer to `--call` as docker's client prints it. Pure; every line is harmless. */
import { BktuiError } from "../base/errors.ts";
import { visibleText } from "../base/visible.ts";
import type { CallMethod } from "../console/values/call.ts";
import type { FrontendReply } from "../engine/engine.ts";
import { type LintResults, lintError, lintLines } from "./lint-report.ts";

export interface CallReport {
  /** For standard output. */
  readonly lines: readonly string[];
  /** For standard error: why the file would not build. */
  readonly error: readonly string[];
  readonly exitCode: number;
}

/** The answers' shape that is known here; a newer one is printed as the frontend has written it. */
const VERSION = "1.0.0";

/**
 * @param dockerfile what the Dockerfile is called in it, as it was named on the command line
 * @throws {BktuiError} "engine" when the answer is not what was asked for.
 */
export function callReport(method: CallMethod, reply: FrontendReply, dockerfile: string): CallReport {
  const { format, ignoreStatus } = method;
  const exitCode = ignoreStatus ? 0 : reply.status;
  const done = (text: string): CallReport => ({ lines: harmless(text), error: [], exitCode });
  if (format === "json") return done(`${reply.json ?? ""}\n`);
  const printer = PRINTERS[method.name];
  if (printer === undefined) return done(reply.text ?? `${JSON.stringify(method)} has no text\n`);
  const isNewer = (reply.version ?? VERSION).localeCompare(VERSION, "en", { numeric: true }) > 0;
  if (isNewer && reply.text !== undefined) return done(reply.text);
  if (method.name !== "lint") return done(printer(answerOf(reply)));
  const results = answerOf<LintResults>(reply);
  const error = lintError(results, dockerfile);
  const lines = lintLines(results, dockerfile);
  return {
    lines: harmless(lines.map((line) => `${line}\n`).join("")),
    error: harmless(error.map((line) => `${line}\n`).join("")),
    exitCode: error.length > 0 ? 1 : exitCode,
  };
}

function answerOf<T>({ json }: FrontendReply): T {
  try {
    return JSON.parse(json ?? "") as T;
  } catch (error) {
    throw new BktuiError("engine", "the frontend's answer is not what was asked for", { cause: error });
  }
}

/** Fields that are not there are printed as nothing, as Go does. */
interface Named {
  readonly name?: string;
  readonly description?: string;
}

interface Outline extends Named {
  readonly args?: readonly (Named & { readonly value?: string })[];
  readonly secrets?: readonly (Named & { readonly required?: boolean })[];
  readonly ssh?: readonly (Named & { readonly required?: boolean })[];
}

const PRINTERS: Readonly<Record<string, (answer: never) => string>> = {
  outline: outlineText,
  targets: targetsText,
  "subrequests.describe": methodsText,
  lint: () => "",
};

function outlineText({ name = "", description = "", args = [], secrets = [], ssh = [] }: Outline): string {
  const required = (each: Named & { readonly required?: boolean }): readonly string[] => [
    each.name ?? "",
    each.required === true ? "true" : "",
  ];
  const head = [
    ["TARGET:", name === "" ? "(default)" : name],
    ...(description === "" ? [] : [["DESCRIPTION:", description]]),
  ];
  const blocks = [
    name === "" && description === "" ? "" : columns(head, 1),
    args.length === 0
      ? ""
      : columns(
          [
            ["BUILD ARG", "VALUE", "DESCRIPTION"],
            ...args.map((arg) => [arg.name ?? "", arg.value ?? "", arg.description ?? ""]),
          ],
          3,
        ),
    secrets.length === 0 ? "" : columns([["SECRET", "REQUIRED"], ...secrets.map(required)], 3),
    ssh.length === 0 ? "" : columns([["SSH", "REQUIRED"], ...ssh.map(required)], 3),
  ];
  return blocks
    .filter((block) => block !== "")
    .map((block) => `${block}\n`)
    .join("");
}

function targetsText({
  targets = [],
}: {
  readonly targets?: readonly (Named & { readonly default?: boolean })[];
}): string {
  const rows = targets.map(({ name = "", default: isDefault = false, description = "" }) => [
    isDefault ? `${name}${name === "" ? "" : " "}(default)` : name,
    description,
  ]);
  return columns([["TARGET", "DESCRIPTION"], ...rows], 1);
}

function methodsText(methods: readonly (Named & { readonly version?: string })[]): string {
  const rows = methods.map(({ name = "", version = "", description = "" }) => [
    name.replace(/^frontend\./, ""),
    version,
    description,
  ]);
  return columns([["NAME", "VERSION", "DESCRIPTION"], ...rows], 1);
}

/** As Go's tabwriter: all but the last column are as wide as their widest cell. */
function columns(rows: readonly (readonly string[])[], padding: number): string {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => [...(row[at] ?? "")].length)));
  return rows
    .map((row) => {
      const cells = row.map((cell, at) =>
        at === row.length - 1 ? cell : cell + " ".repeat((widths[at] ?? 0) - [...cell].length + padding),
      );
      return `${cells.join("")}\n`;
    })
    .join("");
}

function harmless(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/, "").split("\n").map(visibleText);
}
