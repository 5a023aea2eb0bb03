/** EXPERIMENTAL_BUILDKIT_SOURCE_POLICY: a file of rules for sources, as the engine is told them. */
import { readFile } from "node:fs/promises";
import { moby } from "#proto";
import { BktuiError } from "../../base/errors.ts";
import { describeSystemError } from "../../session/files/file-problem.ts";

const { AttrMatch, MatchType, Policy, PolicyAction } = moby.buildkit.v1.sourcepolicy;

export type SourcePolicy = moby.buildkit.v1.sourcepolicy.Policy.$Properties;

/**
 * In JSON or in BuildKit's binary form, as buildx 0.37 reads it.
 * @throws {BktuiError} "io" when it cannot be read, "bad-request" when it is no policy.
 */
export async function readSourcePolicy(path: string | undefined): Promise<SourcePolicy | undefined> {
  if (path === undefined) return undefined;
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw new BktuiError("io", `cannot read the source policy ${path}: ${describeSystemError(error)}`, {
      cause: error,
      hint: "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY names it; unset it to build without",
    });
  }
  try {
    return isJson(bytes) ? fromJson(JSON.parse(bytes.toString("utf8"))) : Policy.decode(bytes);
  } catch (error) {
    throw new BktuiError("bad-request", `${path} is no source policy: ${reasonOf(error)}`, {
      cause: error,
      hint: 'for example {"rules": [{"action": "DENY", "selector": {"identifier": "docker-image://*"}}]}',
    });
  }
}

function isJson(bytes: Buffer): boolean {
  return /^\s*\{/.test(bytes.subarray(0, 64).toString("latin1"));
}

type Fields = Readonly<Record<string, unknown>>;

function fromJson(json: unknown): SourcePolicy {
  const { version = 0, rules } = fieldsOf(json, "the file");
  return {
    version: Number(version),
    rules: listOf(rules, "rules").map((each) => {
      const { action, selector, updates } = fieldsOf(each, "a rule");
      return {
        action: oneOf<moby.buildkit.v1.sourcepolicy.PolicyAction>(PolicyAction, action, "action"),
        selector: selector === undefined ? null : selectorOf(fieldsOf(selector, "selector")),
        updates: updates === undefined ? null : updateOf(fieldsOf(updates, "updates")),
      };
    }),
  };
}

function selectorOf(fields: Fields) {
  return {
    identifier: textOf(fields["identifier"]),
    matchType: oneOf<moby.buildkit.v1.sourcepolicy.MatchType>(
      MatchType,
      fields["match_type"] ?? fields["matchType"],
      "match_type",
    ),
    constraints: listOf(fields["constraints"], "constraints").map((each) => {
      const { key, value, condition } = fieldsOf(each, "a constraint");
      return {
        key: textOf(key),
        value: textOf(value),
        condition: oneOf<moby.buildkit.v1.sourcepolicy.AttrMatch>(AttrMatch, condition, "condition"),
      };
    }),
  };
}

function updateOf({ identifier, attrs }: Fields) {
  const entries = Object.entries(attrs === undefined ? {} : fieldsOf(attrs, "attrs"));
  return {
    identifier: textOf(identifier),
    attrs: Object.fromEntries(entries.map(([name, value]) => [name, textOf(value)])),
  };
}

/** A name or its number; left out it is the first. */
function oneOf<T extends number>(names: Readonly<Record<string, unknown>>, value: unknown, what: string): T {
  const found = value === undefined ? 0 : typeof value === "number" ? value : names[String(value)];
  if (typeof found === "number" && Object.values(names).includes(found)) return found as T;
  throw new TypeError(`${JSON.stringify(value)} is no ${what}`);
}

function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new TypeError(`${what} must be an object`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw new TypeError(`${what} must be a list`);
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  throw new TypeError(`${JSON.stringify(value)} must be a text`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
