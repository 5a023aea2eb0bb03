/** buildx's driver kubernetes: buildkitds in pods, found by the label that buildx gives them and reached by kubectl. */
import { createHash } from "node:crypto";
import { BktuiError } from "../../../../base/errors.ts";
import type { Address } from "../../../../transport/address.ts";
import { field } from "../../docker/files.ts";
import { ask, type Command, differences, wordsOf } from "../programs.ts";
import type { BuilderNode } from "../store.ts";
import { bootstrap } from "./bootstrap.ts";
import type { Driver, Reaching } from "./driver.ts";

interface Pod {
  readonly name: string;
  readonly container: string;
}

/** The deployment of a node has its name, with dashes (buildx 0.37). */
export const kubernetes: Driver = async (builder, node, reaching) => {
  const deployment = node.name.replaceAll("_", "-");
  const kubectl = kubectlFor(node, reaching);
  let pods = await runningPods(kubectl, deployment, reaching);
  if (pods.length === 0) {
    await bootstrap(builder, `a running pod of its deployment ${deployment}`, reaching);
    pods = await runningPods(kubectl, deployment, reaching);
  }
  const isRandom = node.options["loadbalance"] === "random";
  const pod = isRandom
    ? pods[Math.floor(Math.random() * pods.length)]
    : stickyPod(pods, reaching.contextPath);
  if (pod === undefined)
    throw new BktuiError("engine-unreachable", `no pod of its deployment ${deployment} runs`, {
      hint: `kubectl describe deployment ${deployment} tells why.`,
    });
  return addressOf(kubectl, pod);
};

/** The kubeconfig stands in the endpoint: `kubernetes:///NAME?deployment=…&kubeconfig=…`. */
function kubectlFor({ endpoint, options }: BuilderNode, { env }: Reaching): Command {
  const isOwn = endpoint.startsWith("kubernetes://") && URL.canParse(endpoint);
  const config = isOwn ? new URL(endpoint).searchParams.get("kubeconfig") : undefined;
  const namespace = options["namespace"] ?? "";
  const args = [
    ...(config === undefined || config === null || config === "" ? [] : [`--kubeconfig=${config}`]),
    ...(namespace === "" ? [] : [`--namespace=${namespace}`]),
  ];
  return { program: "kubectl", args, env: differences(env) };
}

function addressOf(kubectl: Command, { name, container }: Pod): Address {
  const text = `kube-pod://${name}`;
  const args = [
    ...kubectl.args,
    "exec",
    "-i",
    `--container=${container}`,
    name,
    "--",
    "buildctl",
    "dial-stdio",
  ];
  return {
    kind: "buildkitd",
    socket: { ...kubectl, kind: "command", speaks: "buildkitd", args, text },
    text,
  };
}

/** By name; without those that are about to end. */
async function runningPods(
  kubectl: Command,
  deployment: string,
  reaching: Reaching,
): Promise<readonly Pod[]> {
  const words = ["get", "pods", `--selector=app=${deployment}`, "--output=json"];
  const answer = await ask({ ...kubectl, args: [...kubectl.args, ...words] }, reaching);
  if (answer.exitCode !== 0)
    throw new BktuiError("engine-unreachable", `kubectl cannot look for its pods: ${wordsOf(answer)}`, {
      hint: "Check that kubectl get pods works with this KUBECONFIG.",
    });
  const pods = podsOf(answer.stdout).filter((pod) => pod !== undefined);
  return pods.sort((one, two) => (one.name < two.name ? -1 : 1));
}

function podsOf(text: string): readonly (Pod | undefined)[] {
  let list: unknown;
  try {
    list = field(JSON.parse(text), "items");
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) throw new BktuiError("engine-unreachable", "kubectl's answer is no list of pods");
  return list.map((item) => {
    const meta = field(item, "metadata");
    const name = field(meta, "name");
    const containers = field(field(item, "spec"), "containers");
    const container = field(Array.isArray(containers) ? containers[0] : undefined, "name");
    const isRunning = field(field(item, "status"), "phase") === "Running";
    if (!isRunning || field(meta, "deletionTimestamp") !== undefined) return undefined;
    return isKubeName(name) && isKubeName(container) ? { name, container } : undefined;
  });
}

/** Kubernetes' own rule; nothing that kubectl would read as an option. */
function isKubeName(value: unknown): value is string {
  return typeof value === "string" && /^[a-z0-9][-a-z0-9.]*$/.test(value);
}

/**
 * The pod that keeps the cache of a context: the same one that buildx 0.37 takes. A ring of MD5 sums, one a pod, compared as
 * two signed 64-bit numbers, least significant byte first; the context's path takes the next one on it.
 */
export function stickyPod<T extends { readonly name: string }>(
  pods: readonly T[],
  contextPath: string,
): T | undefined {
  const ring = pods.map((pod) => ({ pod, key: ringKey(`${pod.name}-0`) }));
  ring.sort((one, two) => compare(one.key, two.key));
  const wanted = ringKey(contextPath);
  return (ring.find(({ key }) => compare(wanted, key) < 0) ?? ring[0])?.pod;
}

type RingKey = readonly [high: bigint, low: bigint];

function ringKey(text: string): RingKey {
  const sum = createHash("md5").update(text).digest();
  return [sum.readBigInt64LE(0), sum.readBigInt64LE(8)];
}

function compare(one: RingKey, two: RingKey): number {
  if (one[0] !== two[0]) return one[0] < two[0] ? -1 : 1;
  return one[1] === two[1] ? 0 : one[1] < two[1] ? -1 : 1;
}
