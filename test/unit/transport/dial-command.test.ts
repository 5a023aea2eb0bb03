import { describe, expect, test } from "vitest";
import { type EngineKind, parseAddress, socketText } from "../../../src/transport/address.ts";
import { commandLine } from "../../../src/transport/dial/dial-command.ts";
import { failureOf } from "../../support/thrown.ts";

const SSH = "-o ConnectTimeout=30 -T -o BatchMode=yes --";

/** The command as a person would type it. */
function dialled(text: string, kind?: EngineKind, env = {}): string {
  const { socket } = parseAddress(text, kind, { env });
  if (socket.kind !== "command") throw new Error(`${text} is no command`);
  expect(socketText(socket)).toBe(text);
  return commandLine(socket);
}

describe("addresses that a program reaches", () => {
  test.each<[string, EngineKind | undefined, string]>([
    ["ssh://host", "dockerd", `ssh ${SSH} host 'docker system dial-stdio'`],
    ["ssh://host/", undefined, `ssh ${SSH} host 'docker system dial-stdio'`],
    ["ssh://me@host:2222", "dockerd", `ssh -l me -p 2222 ${SSH} host 'docker system dial-stdio'`],
    ["ssh://h/run/d.sock", "dockerd", `ssh ${SSH} h 'docker --host=unix:///run/d.sock system dial-stdio'`],
    ["ssh://me@[::1]:22", "buildkitd", `ssh -l me -p 22 ${SSH} ::1 'buildctl dial-stdio'`],
    ["ssh://h/run/b.sock", "buildkitd", `ssh ${SSH} h 'buildctl --addr unix:///run/b.sock dial-stdio'`],
    ["docker-container://box", undefined, "docker exec -i box buildctl dial-stdio"],
    ["docker-container://box", "dockerd", "docker exec -i box buildctl dial-stdio"],
    [
      "docker-container://Box_1?context=far",
      undefined,
      "docker --context=far exec -i Box_1 buildctl dial-stdio",
    ],
    ["podman-container://box", undefined, "podman exec -i box buildctl dial-stdio"],
    ["nerdctl-container://box", undefined, "nerdctl exec -i box buildctl dial-stdio"],
    [
      "nerdctl-container://box?namespace=k8s.io",
      undefined,
      "nerdctl exec --namespace k8s.io -i box buildctl dial-stdio",
    ],
    [
      "kube-pod://pod",
      undefined,
      "kubectl --context= --namespace= exec --container= -i pod -- buildctl dial-stdio",
    ],
    [
      "kube-pod://pod-0?context=c&namespace=n&container=b",
      undefined,
      "kubectl --context=c --namespace=n exec --container=b -i pod-0 -- buildctl dial-stdio",
    ],
  ])("%s as %s", (text, kind, command) => {
    expect(dialled(text, kind)).toBe(command);
  });

  test("in a container there is a buildkitd, over ssh what the address is for", () => {
    expect(parseAddress("docker-container://box", "dockerd").kind).toBe("buildkitd");
    expect(parseAddress("ssh://host", "dockerd").kind).toBe("dockerd");
    expect(parseAddress("ssh://host/run/buildkit/buildkitd.sock").kind).toBe("buildkitd");
  });

  test("quotes a path for the shell over there", () => {
    const { socket } = parseAddress("ssh://h/run/a%20b;id", "buildkitd");
    expect(socket).toMatchObject({
      args: expect.arrayContaining(["buildctl --addr 'unix:///run/a b;id' dial-stdio"]),
    });
  });

  test.each([{ DISPLAY: ":0" }, { WAYLAND_DISPLAY: "w" }, { SSH_ASKPASS_REQUIRE: "force" }])(
    "lets ssh ask in a window of its own where there is one: %o",
    (env) => {
      expect(dialled("ssh://host", "dockerd", env)).not.toContain("BatchMode");
      expect(dialled("ssh://host", "dockerd", { ...env, SSH_ASKPASS_REQUIRE: "never" })).toContain(
        "BatchMode",
      );
    },
  );

  test.each([
    ["ssh://", "lacks a host"],
    ["ssh://me:hunter2@host", "passwords"],
    ["ssh://host?x=y", "nothing may follow"],
    ["ssh://host#x", "nothing may follow"],
    ["ssh://-oProxyCommand=id", "no name of a host"],
    ["ssh://$(id)@host", "no name of a user"],
    ["docker-container://", "lacks the name of a container"],
    ["docker-container://--privileged", "no name of a container"],
    ["kube-pod://Pod", "no name of a pod"],
    ["kube-pod://pod?namespace=-x", "no name of a namespace"],
  ])("refuses %s", (text, words) => {
    const error = failureOf(() => parseAddress(text));
    expect(error).toMatchObject({ code: "usage", hint: expect.stringContaining("docker-container://") });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("hunter2");
  });
});
