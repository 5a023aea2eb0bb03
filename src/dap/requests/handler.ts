/** How requests are answered. Types only. */
import type { Session } from "../state/session.ts";
import type { AskedRequest } from "../wire/connection.ts";
import type { ArgumentsOf, Bodies, RequestName } from "./arguments.ts";

/** @throws {BktuiError} with why it cannot be done. */
export type Handler<Name extends RequestName> = (
  args: ArgumentsOf<Name>,
  session: Session,
  request: Pick<AskedRequest, "signal" | "after">,
) => Bodies[Name] | Promise<Bodies[Name]>;

export type Handlers<Name extends RequestName> = { readonly [Each in Name]: Handler<Each> };
