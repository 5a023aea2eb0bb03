import { expect, test } from "vitest";
import { fromDockerfile, withoutPassword } from "../../../../src/engine/build-sources.ts";
import { urlSecrets } from "../../../../src/engine/buildkit/url-secrets.ts";
import { REQUEST } from "../../../support/debug-driver.ts";

test.each([
  ["https://me:pw@host/x.git#main", ["pw"], "https://***@host/x.git#main"],
  ["https://ghp_token@host/x.git", ["ghp_token"], "https://***@host/x.git"],
  ["https://ghp_token:x-oauth-basic@host/x.git", ["ghp_token"], "https://***@host/x.git"],
  ["ssh://git:pw@host/x.git", ["pw"], "ssh://git:***@host/x.git"],
  ["ssh://git@host/x.git", [], "ssh://git@host/x.git"],
  ["git@host:x.git", [], "git@host:x.git"],
  ["https://host/a@b", [], "https://host/a@b"],
])("%s: %j", (url, secrets, shown) => {
  expect(withoutPassword(url)).toBe(shown);
  expect(urlSecrets({ ...REQUEST, source: fromDockerfile({ kind: "url", url }, "/src/Dockerfile") })).toEqual(
    secrets,
  );
  expect(urlSecrets({ ...REQUEST, source: fromDockerfile("/src", { kind: "url", url }) })).toEqual(secrets);
  const contexts = [{ name: "c", from: { kind: "reference", text: url } }] as const;
  expect(urlSecrets({ ...REQUEST, contexts })).toEqual(secrets);
});
