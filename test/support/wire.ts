/** What lies between bktui and a dockerd, and can be cut. */
import type net from "node:net";
import { parseAddress } from "../../src/transport/address.ts";
import { connectSocket } from "../../src/transport/connect.ts";
import { serveLocally } from "./local-server.ts";
import type { TestEngine } from "./test-engine.ts";

/** `session`: what the engine asks of the client; `calls`: everything else. */
export type WireKind = "session" | "calls";

export interface Wire extends AsyncDisposable {
  /** The engine at the other end, to be reached through here only. */
  readonly engine: TestEngine;
  /** Connections of this kind that were opened so far. */
  opened(kind: WireKind): number;
  /** How many of them are open now: neither side has given it up. */
  open(kind: WireKind): number;
  /** How often the engine has sent something over connections of this kind. */
  heard(kind: WireKind): number;
  /** Drops the connections of this kind that are open now; new ones are let through. @param nth only that one, from 0 */
  cut(kind: WireKind, nth?: number): void;
  /** While it is false, new connections of the kind are dropped at once. */
  admit(kind: WireKind, allowed: boolean): void;
}

export async function wireTo(engine: TestEngine): Promise<Wire> {
  const { socket } = parseAddress(engine.dockerHost);
  const open: Record<WireKind, Set<net.Socket>> = { session: new Set(), calls: new Set() };
  const opened: Record<WireKind, number> = { session: 0, calls: 0 };
  const heard: Record<WireKind, number> = { session: 0, calls: 0 };
  const barred = new Set<WireKind>();
  const server = await serveLocally((client) => {
    client.once("data", (head) => {
      const kind: WireKind = head.toString("latin1").startsWith("POST /session") ? "session" : "calls";
      opened[kind] += 1;
      if (barred.has(kind)) {
        client.destroy();
        return;
      }
      client.pause();
      void connectSocket(socket).then(
        (daemon) => {
          open[kind].add(client);
          client.on("close", () => {
            open[kind].delete(client);
            daemon.destroy();
          });
          daemon.on("data", () => {
            heard[kind] += 1;
          });
          daemon.on("error", () => undefined).on("close", () => client.destroy());
          if (client.destroyed) daemon.destroy();
          daemon.write(head);
          client.pipe(daemon).pipe(client);
        },
        () => client.destroy(),
      );
    });
  });
  return {
    engine: { ...engine, dockerHost: `unix://${server.address.path}` },
    opened: (kind) => opened[kind],
    open: (kind) => open[kind].size,
    heard: (kind) => heard[kind],
    cut: (kind, nth) => {
      for (const [index, client] of [...open[kind]].entries())
        if (nth === undefined || nth === index) client.destroy();
    },
    admit: (kind, allowed) => {
      if (allowed) barred.delete(kind);
      else barred.add(kind);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
