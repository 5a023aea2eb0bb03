/** Extended attributes of received files. */
import { spawnSync } from "node:child_process";
import { BktuiError } from "../../base/errors.ts";
import { limits } from "../../base/limits.ts";
import type { BytePath } from "../files/byte-path.ts";
import type { ExtendedAttribute } from "./sender-packets.ts";

const NAME = /^[a-z]+\.[\x21-\x7e]{1,250}$/;

/**
 * Collects them, and sets them all at once: Node has no function for it, so `setfattr` does it where it is installed. As with
 * docker's client an attribute that cannot be set (without root most cannot) is left out.
 */
export class StagedAttributes {
  readonly #lines: string[] = [];
  #count = 0;
  #bytes = 0;

  /** @throws {BktuiError} "engine" when there are too many. */
  add(path: BytePath, attributes: readonly ExtendedAttribute[]): void {
    const usable = attributes.filter(({ name }) => NAME.test(name) && !name.includes("="));
    if (usable.length === 0) return;
    this.#count += usable.length;
    for (const { name, value } of usable) this.#bytes += name.length + value.length;
    const { count, bytes } = limits.receivedAttributes;
    if (this.#count > count || this.#bytes > bytes)
      throw new BktuiError("engine", "the engine sends too many extended attributes");
    this.#lines.push(`# file: ${escaped(path)}`);
    for (const { name, value } of usable)
      this.#lines.push(`${name}=0s${Buffer.from(value).toString("base64")}`);
    this.#lines.push("");
  }

  /** @param root the directory that the paths are relative to */
  setIn(root: string): void {
    if (this.#lines.length === 0) return;
    spawnSync("setfattr", ["-h", "--restore=-"], {
      cwd: root,
      input: `${this.#lines.join("\n")}\n`,
      stdio: ["pipe", "ignore", "ignore"],
    });
  }
}

/** As getfattr(1) prints paths: bytes that are not plain in octal. */
function escaped(path: BytePath): string {
  return path.replace(
    /[^\x21-\x5b\x5d-\x7e]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}
