/** The service that forwards SSH agents. */
import { stat } from "node:fs/promises";
import { moby } from "#proto";
import { type Attachable, type Call, CallRefused, grpcCode, unary } from "./attachable.ts";
import { AGENT_FAILURE, AgentConnection, AgentMessageReader, isHarmlessAgentRequest } from "./ssh-agent.ts";
import { type Keyring, openKeyring } from "./ssh-keyring.ts";

const { BytesMessage, CheckAgentRequest, CheckAgentResponse } = moby.sshforward.v1;

/** What the user offers to the build under an id: an agent, or keys. */
export interface AgentOrigin {
  readonly id: string;
  /** Of the agent's socket, or of one or more private keys. */
  readonly paths: readonly string[];
}

/** What answers under an id; a socket that is not there yet is asked for when the build wants it. */
type Agent = { readonly socket: string } | { readonly keyring: Keyring };

const DEFAULT_ID = "default";

/**
 * Forwards the SSH agents that the user named, and no others, to `RUN --mount=type=ssh`; keys that were named are served
 * by an agent in this process; `onKey` gets what is in their files. Only listing keys and signing pass; everything else is answered with failure, so a build
 * cannot change the user's agent.
 * @throws {BktuiError} "bad-request" or "io" for a key that cannot be used.
 */
export async function openSshService(
  origins: readonly AgentOrigin[],
  onKey: (path: string, text: string) => void = () => undefined,
): Promise<Attachable> {
  const agents = new Map<string, Agent>();
  for (const { id, paths } of origins) agents.set(id, await openAgent(id, paths, onKey));
  return sshService(agents);
}

async function openAgent(
  id: string,
  paths: readonly string[],
  onKey: (path: string, text: string) => void,
): Promise<Agent> {
  const [first = ""] = paths;
  const isFile = await stat(first).then(
    (facts) => facts.isFile(),
    () => false,
  );
  return isFile || paths.length > 1 ? { keyring: await openKeyring(id, paths, onKey) } : { socket: first };
}

function sshService(agents: ReadonlyMap<string, Agent>): Attachable {
  const agentOf = (id: string): Agent => {
    const agent = agents.get(id === "" ? DEFAULT_ID : id);
    if (agent === undefined)
      throw new CallRefused(grpcCode.unknown, `unset ssh forward key ${id === "" ? DEFAULT_ID : id}`);
    return agent;
  };
  const checkAgent = unary(async (bytes) => {
    agentOf(CheckAgentRequest.decode(bytes).ID);
    return CheckAgentResponse.encode({}).finish();
  });
  const forwardAgent = async (call: Call): Promise<void> => {
    const agent = agentOf(call.metadata.get("buildkit.ssh.id")?.[0] ?? "");
    if ("keyring" in agent) return await forward(call, async (request) => agent.keyring.answer(request));
    const connection = await AgentConnection.open(agent.socket);
    const stop = (): void => connection[Symbol.dispose]();
    call.cancelled.addEventListener("abort", stop, { once: true });
    try {
      await forward(call, (request) => connection.ask(request));
    } finally {
      call.cancelled.removeEventListener("abort", stop);
      stop();
    }
  };
  return {
    methods: new Map([
      ["/moby.sshforward.v1.SSH/CheckAgent", checkAgent],
      ["/moby.sshforward.v1.SSH/ForwardAgent", forwardAgent],
    ]),
  };
}

/** Whether the service would offer this agent. */
export function hasAgent(id: string, agents: readonly AgentOrigin[]): boolean {
  return agents.some((agent) => agent.id === (id === "" ? DEFAULT_ID : id));
}

/** Answers request by request, since the protocol knows no other order. */
async function forward(call: Call, ask: (request: Uint8Array) => Promise<Uint8Array>): Promise<void> {
  const reader = new AgentMessageReader();
  for await (const message of call.messages) {
    for (const request of reader.push(BytesMessage.decode(message).data)) {
      const data = isHarmlessAgentRequest(request) ? await ask(request) : AGENT_FAILURE;
      if (!call.write(BytesMessage.encode({ data }).finish())) await call.drained();
    }
  }
}
