import { createHash } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { contextEndpoint, dockerInForce } from "../../../../../src/engine/locate/docker/contexts.ts";
import { dockerAddress } from "../../../../../src/engine/locate/docker/docker-address.ts";
import { type DockerHome, dockerHome } from "../../../../support/builder-store.ts";

/** As `docker context create NAME --docker host=HOST` of docker 28.5 writes it. */
async function withContext(name: string, host: string, skip = false): Promise<DockerHome> {
  const id = createHash("sha256").update(name).digest("hex");
  const endpoint = { Host: host, SkipTLSVerify: skip };
  const meta = JSON.stringify({ Name: name, Metadata: {}, Endpoints: { docker: endpoint } });
  return await dockerHome({ [`contexts/meta/${id}/meta.json`]: meta });
}

function tlsDirectory(name: string): string {
  return `contexts/tls/${createHash("sha256").update(name).digest("hex")}/docker`;
}

describe("TLS to a docker", () => {
  test("is made with a context's own files, those of them that are there", async () => {
    await using home = await withContext("far", "tcp://far.example:2376", true);
    const files = tlsDirectory("far");
    await home.write(join(files, "ca.pem"), "");
    await home.write(join(files, "key.pem"), "");
    const directory = join(home.path, ".docker", files);
    expect(await contextEndpoint("far", { HOME: home.path })).toEqual({
      host: "tcp://far.example:2376",
      tls: {
        ca: join(directory, "ca.pem"),
        cert: undefined,
        key: join(directory, "key.pem"),
        skipVerify: true,
      },
    });
  });

  test("is not checked where the context says so, also without files of its own", async () => {
    await using home = await withContext("far", "tcp://far.example:2376", true);
    expect((await contextEndpoint("far", { HOME: home.path })).tls).toEqual({ skipVerify: true });
    await using plain = await withContext("far", "tcp://far.example:2375");
    expect((await contextEndpoint("far", { HOME: plain.path })).tls).toBeUndefined();
  });

  test("is turned on by DOCKER_TLS_VERIFY and DOCKER_TLS, and only the first checks the certificate", async () => {
    await using home = await dockerHome({ "ca.pem": "", "certs/ca.pem": "" });
    const [ca, certs] = [join(home.path, ".docker/ca.pem"), join(home.path, ".docker/certs")];
    const verified = { HOME: home.path, DOCKER_TLS_VERIFY: "0" };
    expect(await dockerInForce(verified)).toMatchObject({
      host: "tcp://localhost:2376",
      tls: { ca, cert: undefined, skipVerify: false },
      origin: "DOCKER_TLS_VERIFY",
    });
    const unchecked = { HOME: home.path, DOCKER_TLS: "1", DOCKER_CERT_PATH: certs, DOCKER_HOST: "far" };
    expect(await dockerInForce(unchecked)).toMatchObject({
      host: "tcp://far:2375",
      tls: { ca: join(certs, "ca.pem"), skipVerify: true },
      origin: "DOCKER_HOST",
    });
  });

  test("is nothing to a socket, but for docker's client its authority must be there", async () => {
    await using home = await dockerHome({ "ca.pem": "" });
    const env = { HOME: home.path, DOCKER_HOST: "unix:///d.sock", DOCKER_TLS_VERIFY: "1" };
    expect((await dockerAddress(env)).socket).toEqual({ kind: "unix", path: "/d.sock" });
    await expect(dockerAddress({ ...env, DOCKER_CERT_PATH: "/nonexistent" })).rejects.toMatchObject({
      code: "io",
      message: "cannot read /nonexistent/ca.pem, which DOCKER_TLS_VERIFY asks for",
    });
  });
});

describe("docker's files", () => {
  test("a configuration that is broken counts as empty", async () => {
    await using home = await dockerHome({ "config.json": '{"currentContext": "far"' });
    expect(await dockerInForce({ HOME: home.path })).toMatchObject({ context: "default" });
  });

  test("of a context that are broken are named with line and column", async () => {
    await using home = await withContext("far", "tcp://far");
    const id = createHash("sha256").update("far").digest("hex");
    await home.write(`contexts/meta/${id}/meta.json`, "{");
    await expect(contextEndpoint("far", { HOME: home.path })).rejects.toMatchObject({
      code: "io",
      message: expect.stringMatching(/meta\.json:1:2: it is not JSON/),
      hint: expect.stringContaining("docker context create"),
    });
  });

  test("know a near name for a context that does not exist", async () => {
    await using home = await withContext("colima", "unix:///c.sock");
    const env = { HOME: home.path, DOCKER_CONTEXT: "collima" };
    await expect(dockerInForce(env)).rejects.toMatchObject({
      code: "not-found",
      message: 'there is no docker context "collima"',
      hint: expect.stringContaining("Did you mean colima?"),
    });
  });

  test("are looked for at home where DOCKER_CONFIG is empty", async () => {
    await using home = await withContext("colima", "unix:///c.sock");
    const env = { HOME: home.path, DOCKER_CONFIG: "", DOCKER_CONTEXT: "colima" };
    expect(await dockerInForce(env)).toMatchObject({
      host: "unix:///c.sock",
      origin: "docker context colima (DOCKER_CONTEXT)",
    });
  });
});
