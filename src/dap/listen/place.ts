/** Where clients are waited for, as it is typed. Pure. */
import { isAbsolute } from "node:path";
import { BktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";

export type ListenPlace =
  /** In bktui's own folder; "" = a name is made up. */
  | { readonly kind: "name"; readonly name: string }
  /** Absolute. */
  | { readonly kind: "path"; readonly path: string }
  /** Port 0 = a free one. */
  | { readonly kind: "tcp"; readonly host: "127.0.0.1" | "::1"; readonly port: number };

const EXAMPLES = "write unix:NAME, unix:/PATH or tcp:127.0.0.1:0";
const LOOPBACK: Readonly<Partial<Record<string, "127.0.0.1" | "::1">>> = {
  "": "127.0.0.1",
  localhost: "127.0.0.1",
  "127.0.0.1": "127.0.0.1",
  "::1": "::1",
  "[::1]": "::1",
};

/** @throws {BktuiError} "usage", also for addresses that other machines could reach. */
export function parseListenPlace(text: string): ListenPlace {
  const [, scheme, rest = ""] = /^(?:(unix|tcp):(?:\/\/)?)?(.*)$/s.exec(text) ?? [];
  if (scheme === "tcp") return tcpPlace(text, rest);
  // Of unix:///PATH the third slash is the path's own.
  const path = scheme === "unix" && text.startsWith("unix:///") ? text.slice("unix://".length) : rest;
  if (isAbsolute(path)) return { kind: "path", path };
  if (path.includes("/") || path.includes("\0"))
    throw new BktuiError("usage", `${visibleLine(text)}: the path of a socket begins with /`, {
      hint: EXAMPLES,
    });
  return { kind: "name", name: path };
}

function tcpPlace(text: string, rest: string): ListenPlace {
  const [, name = "", digits = ""] = /^(?:(.*):)?(\d{1,5})$/s.exec(rest) ?? [];
  const port = Number(digits);
  if (digits === "" || port > 65_535)
    throw new BktuiError("usage", `${visibleLine(text)}: no address to listen at`, { hint: EXAMPLES });
  const host = LOOPBACK[name];
  if (host === undefined)
    throw new BktuiError("usage", `${visibleLine(text)}: other machines could reach it`, {
      hint: `bktui listens at 127.0.0.1 and [::1] only, since whoever reaches it can run programs; from elsewhere: ssh -L`,
    });
  return { kind: "tcp", host, port };
}
