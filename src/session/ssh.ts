/** The service that forwards SSH agents. */
import { moby } from "#proto";
import { type Attachable, type Call, CallRefused, grpcCode, unary } from "./attachable.ts";
import { AGENT_FAILURE, AgentConnection, AgentMessageReader, isHarmlessAgentRequest } from "./ssh-agent.ts";

const { BytesMessage, CheckAgentRequest, CheckAgentResponse } = moby.sshforward.v1;

/** An SSH agent that the user offers to the build. */
export interface AgentOrigin {
  readonly id: string;
  /** Path of the agent's socket. */
  readonly socket: string;
}

const DEFAULT_ID = "default";

/**
 * Forwards the SSH agents that the user named, and no others, to `RUN --mount=type=ssh`. Only listing keys and signing
 * pass; everything else is answered with failure, so a build cannot change the user's agent.
 */
export function sshService(agents: readonly AgentOrigin[]): Attachable {
  const sockets = new Map(agents.map(({ id, socket }) => [id, socket]));
  const socketOf = (id: string): string => {
    const socket = sockets.get(id === "" ? DEFAULT_ID : id);
    if (socket === undefined)
      throw new CallRefused(grpcCode.unknown, `unset ssh forward key ${id === "" ? DEFAULT_ID : id}`);
    return socket;
  };
  const checkAgent = unary(async (bytes) => {
    socketOf(CheckAgentRequest.decode(bytes).ID);
    return CheckAgentResponse.encode({}).finish();
  });
  const forwardAgent = async (call: Call): Promise<void> => {
    const agent = await AgentConnection.open(socketOf(call.metadata.get("buildkit.ssh.id")?.[0] ?? ""));
    const stop = (): void => agent[Symbol.dispose]();
    call.cancelled.addEventListener("abort", stop, { once: true });
    try {
      await forward(call, agent);
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
async function forward(call: Call, agent: AgentConnection): Promise<void> {
  const reader = new AgentMessageReader();
  for await (const message of call.messages) {
    for (const request of reader.push(BytesMessage.decode(message).data)) {
      const data = isHarmlessAgentRequest(request) ? await agent.ask(request) : AGENT_FAILURE;
      if (!call.write(BytesMessage.encode({ data }).finish())) await call.drained();
    }
  }
}
