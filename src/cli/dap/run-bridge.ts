/** `bktui dap attach`: an editor that can only start a program, with a server that is there already. */
import type { Socket } from "node:net";
import { connect } from "node:net";
import { isAbsolute, resolve } from "node:path";
import { BktuiError, toBktuiError } from "../../base/errors.ts";
import { readPieces } from "../../base/pieces.ts";
import { ADAPTERS, connectToSocket, livingSockets, nameOf } from "../../base/socket-folder.ts";
import { visibleLine } from "../../base/visible.ts";
import type { DapHost, DapStreams } from "../../dap/host.ts";
import { parseListenPlace } from "../../dap/listen/place.ts";
import { interruptible } from "../unattended.ts";
import { type DapRun, standardStreams } from "./dap-run.ts";

/** Until one of both is gone; answers the exit code. */
export async function runBridge(where: string | undefined, run: DapRun): Promise<number> {
  return await interruptible(run, async ({ signal }) => {
    const streams = standardStreams(run);
    let socket: Socket;
    try {
      socket = await reached(where, run);
    } catch (error) {
      // Said where a person looks: in the answer to what the editor asks for.
      run.stderr.line(`bktui dap: ${visibleLine(toBktuiError(error).message)}`);
      await run.frontEnds.dap(hostWithout(error, run), streams, { signal });
      return 1;
    }
    await joined(socket, streams, signal);
    signal.throwIfAborted();
    return 0;
  });
}

function hostWithout(error: unknown, { version }: DapRun): DapHost {
  return {
    version,
    open: () => Promise.reject(toBktuiError(error)),
  };
}

/** @throws {BktuiError} "not-found", "usage" when there are several and none is named, "io" when others could be behind it. */
async function reached(where: string | undefined, { env, cwd }: DapRun): Promise<Socket> {
  if (where?.startsWith("tcp:") === true) {
    const place = parseListenPlace(where);
    if (place.kind === "tcp") return await overTcp(place);
  }
  const text = where?.replace(/^unix:/, "");
  if (text?.includes("/") === true)
    return await connectToSocket(isAbsolute(text) ? text : resolve(cwd, text), ADAPTERS);
  const paths = await livingSockets(env, ADAPTERS);
  const path =
    text === undefined && paths.length === 1 ? paths[0] : paths.find((each) => nameOf(each) === text);
  if (path !== undefined) return await connectToSocket(path, ADAPTERS);
  const names = paths.map(nameOf).join(", ");
  if (paths.length === 0)
    throw new BktuiError("not-found", "no bktui waits for editors here", { hint: ADAPTERS.hint });
  if (text === undefined)
    throw new BktuiError("usage", `several wait for editors: ${names}`, {
      hint: "name one: bktui dap attach NAME",
    });
  throw new BktuiError("not-found", `no bktui waits for editors as ${visibleLine(text)}`, {
    hint: `there is ${names}`,
  });
}

async function overTcp({ host, port }: { readonly host: string; readonly port: number }): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true });
    socket.once("connect", () => resolve(socket));
    socket.once("error", (error) =>
      reject(
        new BktuiError("not-found", `nobody listens at ${host}:${port}: ${error.message}`, {
          cause: error,
          hint: ADAPTERS.hint,
        }),
      ),
    );
  });
}

/** Bytes both ways; each side's end is the other's. */
async function joined(socket: Socket, streams: DapStreams, signal: AbortSignal): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined);
  const over = AbortSignal.any([signal, streams.closed]);
  const end = (): void => void socket.destroy();
  if (over.aborted) end();
  over.addEventListener("abort", end, { once: true });
  const back = readPieces(socket, (bytes) => (streams.write(bytes) ? undefined : streams.drained()), over);
  const forth = streams.read((bytes) => (socket.write(bytes) ? undefined : taken(socket)), over);
  void forth.then(() => socket.end());
  await Promise.all([back, closed]);
}

/** Resolves when more can be written, or nobody takes it any more. */
async function taken(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      socket.off("drain", done).off("close", done);
      resolve();
    };
    socket.on("drain", done).on("close", done);
  });
}
