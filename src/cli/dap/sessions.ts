/** The builds of a server for several editors: one launches, others attach, and a build outlives those that leave it. */
import { BktuiError } from "../../base/errors.ts";
import { quietly } from "../../base/quietly.ts";
import { madeUpName } from "../../base/socket-folder.ts";
import { visibleLine } from "../../base/visible.ts";
import type { DapBuild } from "../../dap/host.ts";
import type { Debugger } from "../../debugger/debugger.ts";
import type { DebuggedBuild } from "./dap-build.ts";

interface Entry {
  readonly build: DebuggedBuild;
  clients: number;
}

/** Builds that nobody is attached to; one more ends the oldest. */
const MOST_LEFT = 4;
const MOST_NAMED = 8;

/** Disposing ends all builds. */
export class DapSessions implements AsyncDisposable {
  /** In the order of their launches. */
  readonly #entries = new Map<string, Entry>();

  /** Takes a build over, for its launcher. */
  add(build: DebuggedBuild): DapBuild {
    const name = madeUpName(build.what);
    const entry = { build, clients: 0 };
    this.#entries.set(name, entry);
    const told = `others attach to it with {"request": "attach", "session": "${name}"}`;
    const { launched } = build;
    return this.#forClient(
      name,
      entry,
      { ...launched, notes: [...launched.notes, told] },
      async () => undefined,
    );
  }

  /** @param name undefined = the only one. @throws {BktuiError} "not-found", "usage" when there are several. */
  async attach(name: string | undefined, { signal }: { readonly signal: AbortSignal }): Promise<DapBuild> {
    const [found, entry] = this.#find(name);
    await begun(entry.build.launched.debug, signal);
    const attached = entry.build.attached();
    return this.#forClient(found, entry, attached, async () => await attached[Symbol.asyncDispose]());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map(({ build }) => quietly(build[Symbol.asyncDispose]())));
  }

  #find(name: string | undefined): readonly [string, Entry] {
    const names = [...this.#entries.keys()];
    const shown = names.slice(-MOST_NAMED).join(", ");
    const wanted = name ?? (names.length > 1 ? undefined : names[0]);
    const entry = wanted === undefined ? undefined : this.#entries.get(wanted);
    if (wanted !== undefined && entry !== undefined) return [wanted, entry];
    if (names.length === 0)
      throw new BktuiError("not-found", "attach: no build is debugged here", {
        hint: 'one is begun with "request": "launch"',
      });
    if (name === undefined)
      throw new BktuiError("usage", `attach: several builds are debugged here: ${shown}`, {
        hint: 'name one: "session"',
      });
    throw new BktuiError("not-found", `attach: there is no build ${visibleLine(name)} here`, {
      hint: `there is ${shown}`,
    });
  }

  /** @param leave ends what the client alone has */
  #forClient(name: string, entry: Entry, build: DapBuild, leave: () => Promise<void>): DapBuild {
    entry.clients += 1;
    let isThere = true;
    return {
      ...build,
      end: async () => await this.#end(name),
      [Symbol.asyncDispose]: async () => {
        if (!isThere) return;
        isThere = false;
        await leave();
        entry.clients -= 1;
        if (entry.build.launched.debug.state.phase.kind === "ended") await this.#end(name);
        else await this.#endOldest();
      },
    };
  }

  async #end(name: string): Promise<void> {
    const entry = this.#entries.get(name);
    this.#entries.delete(name);
    await entry?.build.launched.end();
  }

  async #endOldest(): Promise<void> {
    const left = [...this.#entries].filter(([, { clients }]) => clients === 0);
    const [oldest] = left.length > MOST_LEFT ? left : [];
    if (oldest !== undefined) await this.#end(oldest[0]);
  }
}

/** Until its launcher has said what it wants. */
async function begun(debug: Debugger, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const look = (): void => {
      if (debug.state.phase.kind === "idle" && !signal.aborted) return;
      unsubscribe();
      signal.removeEventListener("abort", look);
      if (signal.aborted) reject(signal.reason);
      else resolve();
    };
    const unsubscribe = debug.subscribe(look);
    signal.addEventListener("abort", look);
    look();
  });
}
