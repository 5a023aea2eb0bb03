/** Which failures a client wants to be stopped at. Set for the whole build; what is asked for before it is there waits. */
import type { DebugProtocol } from "@vscode/debugprotocol";
import { toBktuiError } from "../../base/errors.ts";
import { visibleLine } from "../../base/visible.ts";
import type { CatchFilter } from "../../debugger/breakpoint.ts";
import { EXCEPTION_FILTERS } from "../capabilities.ts";
import type { WishedIn } from "./wishes.ts";

interface AskedFilter {
  readonly filterId: string;
  readonly condition?: string | null | undefined;
}

/** The filters of one client. */
export class ExceptionWishes {
  readonly #session: Pick<WishedIn, "hasBuild" | "debug">;
  /** Undefined: the client has said nothing, so all stop. */
  #filters: readonly CatchFilter[] | undefined;

  #whyOff: string | undefined;

  constructor(session: Pick<WishedIn, "hasBuild" | "debug">) {
    this.#session = session;
  }

  /** Answers how each filter is now. */
  set(asked: readonly AskedFilter[]): DebugProtocol.Breakpoint[] {
    const off = this.#whyOff;
    if (off !== undefined) return asked.map(() => refused(off));
    const filters: CatchFilter[] = [];
    const told = asked.map(({ filterId, condition }): DebugProtocol.Breakpoint => {
      const kind = EXCEPTION_FILTERS.find(({ filter }) => filter === filterId)?.filter;
      if (kind === undefined) return refused(`there is no filter ${visibleLine(filterId).slice(0, 60)}`);
      const filter =
        condition === null || condition === undefined || condition.trim() === ""
          ? { kind }
          : { kind, condition };
      const why = this.#whyNot(filter);
      if (why !== undefined) return refused(why);
      filters.push(filter);
      return { verified: true };
    });
    this.#filters = filters;
    this.apply();
    return told;
  }

  /** Nothing that fails is stopped at, whatever the client asks for. */
  switchOff(why: string): void {
    this.#whyOff = why;
    this.#filters = [];
    this.apply();
  }

  apply(): void {
    if (this.#filters === undefined || !this.#session.hasBuild) return;
    this.#session.debug.dispatch({ kind: "catch", filters: this.#filters });
  }

  /** The debugger knows what a condition may say; without one yet, the launch will. */
  #whyNot(filter: CatchFilter): string | undefined {
    if (filter.condition === undefined || !this.#session.hasBuild) return undefined;
    const { debug } = this.#session;
    const { catches } = debug.state;
    try {
      debug.dispatch({ kind: "catch", filters: [filter] });
      return undefined;
    } catch (error) {
      return toBktuiError(error).message;
    } finally {
      debug.dispatch({ kind: "catch", filters: catches });
    }
  }
}

function refused(message: string): DebugProtocol.Breakpoint {
  return { verified: false, message, reason: "failed" };
}
