/** A builder of buildx -> the node that builds, and where it listens. */
import { BktuiError, toBktuiError } from "../../../base/errors.ts";
import { visibleLine } from "../../../base/visible.ts";
import type { Address } from "../../../transport/address.ts";
import { addressOf } from "../docker/docker-address.ts";
import { shownHost } from "../docker/host.ts";
import { dialStdio } from "./drivers/dial-stdio.ts";
import { dockerContainer } from "./drivers/docker-container.ts";
import { dockerEndpointOf } from "./drivers/docker-endpoint.ts";
import type { Driver, Reaching } from "./drivers/driver.ts";
import { kubernetes } from "./drivers/kubernetes.ts";
import { remote } from "./drivers/remote.ts";
import { ableNode, promisedNode } from "./platforms.ts";
import type { Builder, BuilderNode } from "./store.ts";

export interface ReachedNode {
  readonly node: BuilderNode;
  readonly address: Address;
}

const docker: Driver = async (_builder, { endpoint }, { env }) =>
  addressOf(await dockerEndpointOf(endpoint, env), env);

const DRIVERS: ReadonlyMap<string, Driver> = new Map([
  ["docker", docker],
  ["docker-container", dockerContainer],
  ["kubernetes", kubernetes],
  ["remote", remote],
]);

/**
 * The node that buildx would take, made to run if need be.
 * @throws {BktuiError} naming the node, with the driver's own code: "engine-unreachable", "unsupported" …; "cancelled".
 */
export async function reachBuilder(builder: Builder, reaching: Reaching): Promise<ReachedNode> {
  const { nodes, driver } = builder;
  const { platform } = reaching;
  const [first] = nodes;
  // Of a driver that is not known here buildx chooses the node.
  if (platform === undefined || nodes.length === 1 || !DRIVERS.has(driver))
    return await reachNode(builder, first, reaching);
  const wanted = platform.split(",");
  const promised = nodeForAll(
    wanted,
    nodes.map(({ platforms }) => platforms),
    promisedNode,
  );
  if (promised !== undefined) return await reachNode(builder, nodes[promised] ?? first, reaching);
  return await reachAbleNode(builder, wanted, reaching);
}

/** One that is chosen for a single platform, or the first that can be for each of several. */
function nodeForAll(
  wanted: readonly string[],
  nodes: readonly (readonly string[])[],
  choose: typeof ableNode,
): number | undefined {
  const [only, ...more] = wanted;
  if (only !== undefined && more.length === 0) return choose(only, nodes);
  const found = nodes.findIndex((node) => wanted.every((each) => choose(each, [node]) !== undefined));
  return found < 0 ? undefined : found;
}

/** None promises the platform: all are asked what they can, and one that cannot be asked is an error, as for buildx. */
async function reachAbleNode(
  builder: Builder,
  wanted: readonly string[],
  reaching: Reaching,
): Promise<ReachedNode> {
  const { workerPlatforms } = await import("./worker-platforms.ts");
  const reached = await Promise.all(builder.nodes.map((node) => reachNode(builder, node, reaching)));
  const platforms = await Promise.all(
    reached.map(async ({ node, address }) => {
      try {
        return [...node.platforms, ...(await workerPlatforms(address, reaching))];
      } catch (error) {
        throw ofNode(builder, node, error);
      }
    }),
  );
  const found = nodeForAll(wanted, platforms, ableNode);
  if (found === undefined && wanted.length > 1)
    throw new BktuiError(
      "unsupported",
      `no node of the builder ${builder.name} builds for all of ${wanted.join(", ")}`,
      { hint: "bktui builds on one node: build for the platforms of one, or let docker buildx spread them" },
    );
  const able = reached[found ?? 0];
  if (able === undefined) throw new BktuiError("internal", `the builder ${builder.name} has no nodes`);
  return able;
}

async function reachNode(builder: Builder, node: BuilderNode, reaching: Reaching): Promise<ReachedNode> {
  const driver = DRIVERS.get(builder.driver) ?? dialStdio;
  try {
    return { node, address: await driver(builder, node, reaching) };
  } catch (error) {
    throw ofNode(builder, node, error);
  }
}

/** "node dev0 (remote, tcp://10.0.0.7:1234): …" */
export function ofNode({ driver }: Builder, { name, endpoint }: BuilderNode, error: unknown): BktuiError {
  const { code, message, hint, cause } = toBktuiError(error);
  if (code === "cancelled") return toBktuiError(error);
  const isShown = endpoint !== "" && !endpoint.startsWith("kubernetes:");
  const where = visibleLine(isShown ? `${driver}, ${shownHost(endpoint)}` : driver);
  return new BktuiError(code, `node ${name} (${where}): ${message}`, {
    cause: cause ?? error,
    ...(hint === undefined ? {} : { hint }),
  });
}
