/** Reads a build plan: JSON of steps with inputs, files and commands, and of what is deployed. */
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { BktuiError } from "../../src/base/errors.ts";

/** Lines of the plan's text, counted from 1. */
export interface Lines {
  readonly start: number;
  readonly end: number;
}

/** Where files come from: an image, a step before, or a directory of the client. */
export interface Input {
  readonly kind: "image" | "step" | "local";
  readonly name: string;
  /** What is copied of it; of the first input everything is taken. */
  readonly include: readonly string[];
  readonly to: string;
  readonly lines: Lines;
}

export interface PlanFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
  readonly lines: Lines;
}

export interface PlanCommand {
  readonly cmd: string;
  readonly name: string;
  readonly secrets: readonly string[];
  readonly caches: readonly string[];
  readonly lines: Lines;
}

export interface Step {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly workdir: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly files: readonly PlanFile[];
  readonly commands: readonly PlanCommand[];
  readonly lines: Lines;
}

export interface Deploy {
  readonly inputs: readonly Input[];
  readonly variables: Readonly<Record<string, string>>;
  readonly workdir: string;
  readonly user: string;
  readonly start: string;
}

export interface Plan {
  readonly name: string;
  /** Directory of each. */
  readonly caches: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly deploy: Deploy;
}

const DEFAULT_MODE = "644";
const OCTAL = 8;

/** @param fileName for messages @throws {BktuiError} "usage" with the line, when it is no plan. */
export function readPlan(text: string, fileName: string): Plan {
  return new PlanReader(text, fileName).plan();
}

class PlanReader {
  readonly #text: string;
  readonly #fileName: string;

  constructor(text: string, fileName: string) {
    this.#text = text;
    this.#fileName = fileName;
  }

  plan(): Plan {
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors);
    const [first] = errors;
    if (first !== undefined) this.#refuse(first.offset, `no JSON: ${printParseErrorCode(first.error)}`);
    if (root?.type !== "object") this.#refuse(root?.offset ?? 0, "a plan is an object with steps");
    const deploy = this.#field(root, "deploy");
    if (deploy === undefined) this.#refuse(root.offset, '"deploy" is missing: what becomes the image');
    return {
      name: this.#textIn(root, "name") ?? "plan",
      caches: this.#texts(root, "caches"),
      steps: this.#list(root, "steps").map((step) => this.#step(step)),
      deploy: this.#deploy(deploy),
    };
  }

  #step(node: Node): Step {
    return {
      name: this.#needed(node, "name"),
      inputs: this.#list(node, "inputs").map((input) => this.#input(input)),
      workdir: this.#textIn(node, "workdir") ?? "/",
      variables: this.#texts(node, "variables"),
      files: this.#list(node, "files").map((file) => this.#file(file)),
      commands: this.#list(node, "commands").map((command) => this.#command(command)),
      lines: this.#lines(node),
    };
  }

  #deploy(node: Node): Deploy {
    const base = this.#field(node, "base");
    if (base === undefined) this.#refuse(node.offset, '"base" of "deploy" is missing: an image or a step');
    return {
      inputs: [this.#input(base), ...this.#list(node, "inputs").map((input) => this.#input(input))],
      variables: this.#texts(node, "variables"),
      workdir: this.#textIn(node, "workdir") ?? "/",
      user: this.#textIn(node, "user") ?? "",
      start: this.#needed(node, "start"),
    };
  }

  #input(node: Node): Input {
    const kinds = ["image", "step", "local"] as const;
    const kind = kinds.find((each) => this.#field(node, each) !== undefined);
    if (kind === undefined) this.#refuse(node.offset, "an input is an image, a step or a local directory");
    return {
      kind,
      name: this.#needed(node, kind),
      include: this.#words(node, "include"),
      to: this.#textIn(node, "to") ?? "/",
      lines: this.#lines(node),
    };
  }

  #file(node: Node): PlanFile {
    const path = this.#needed(node, "path");
    const mode = this.#textIn(node, "mode") ?? DEFAULT_MODE;
    if (!path.startsWith("/")) this.#refuse(node.offset, `the path ${JSON.stringify(path)} is not absolute`);
    if (!/^[0-7]{3,4}$/.test(mode))
      this.#refuse(node.offset, `the mode ${JSON.stringify(mode)} is not octal`);
    return {
      path,
      mode: Number.parseInt(mode, OCTAL),
      text: this.#textIn(node, "text") ?? "",
      lines: this.#lines(node),
    };
  }

  #command(node: Node): PlanCommand {
    const cmd = this.#needed(node, "cmd");
    return {
      cmd,
      name: this.#textIn(node, "customName") ?? cmd,
      secrets: this.#words(node, "secrets"),
      caches: this.#words(node, "caches"),
      lines: this.#lines(node),
    };
  }

  #field(node: Node, name: string): Node | undefined {
    if (node.type !== "object") this.#refuse(node.offset, "this must be an object");
    return node.children?.find((property) => property.children?.[0]?.value === name)?.children?.[1];
  }

  #textIn(node: Node, name: string): string | undefined {
    const field = this.#field(node, name);
    if (field === undefined) return undefined;
    if (field.type !== "string") this.#refuse(field.offset, `"${name}" must be text`);
    return String(field.value);
  }

  #needed(node: Node, name: string): string {
    const text = this.#textIn(node, name);
    if (text === undefined || text === "") this.#refuse(node.offset, `"${name}" is missing`);
    return text;
  }

  #list(node: Node, name: string): readonly Node[] {
    const field = this.#field(node, name);
    if (field !== undefined && field.type !== "array") this.#refuse(field.offset, `"${name}" must be a list`);
    return field?.children ?? [];
  }

  #words(node: Node, name: string): readonly string[] {
    return this.#list(node, name).map((word) => {
      if (word.type !== "string") this.#refuse(word.offset, `"${name}" must be a list of texts`);
      return String(word.value);
    });
  }

  #texts(node: Node, name: string): Readonly<Record<string, string>> {
    const field = this.#field(node, name);
    if (field === undefined) return {};
    const values: unknown = getNodeValue(field);
    const isRecord =
      field.type === "object" && Object.values(values ?? {}).every((v) => typeof v === "string");
    if (!isRecord) this.#refuse(field.offset, `"${name}" must be an object of texts`);
    return values as Record<string, string>;
  }

  #lines({ offset, length }: Node): Lines {
    return { start: this.#lineAt(offset), end: this.#lineAt(offset + length) };
  }

  #lineAt(offset: number): number {
    return this.#text.slice(0, offset).split("\n").length;
  }

  #refuse(offset: number, why: string): never {
    throw new BktuiError("usage", `${this.#fileName}:${this.#lineAt(offset)}: ${why}`, {
      hint: "demo/plan/plan.json is an example of a plan",
    });
  }
}
