/** What a file of tests shows of the protocol: docs/dap-protocol.md names it by these calls, which hold it to them. */
import { afterAll, expect } from "vitest";
import type { RequestName } from "../../src/dap/requests/arguments.ts";
import { usedCapabilities, usedRequests } from "./dap-client.ts";
import { CAPABILITY_FIELDS } from "./dap-schema.ts";

/**
 * The tests of this file send these requests, and show what these capabilities promise.
 * @param names requests, and fields of `Capabilities`
 */
export function covers(...names: readonly (RequestName | `support${string}` | `${string}s`)[]): void {
  afterAll(() => {
    const [fields, requests] = [true, false].map((isField) =>
      names.filter((name) => CAPABILITY_FIELDS.includes(name) === isField),
    );
    expect(requests?.filter((name) => !usedRequests.has(name))).toEqual([]);
    expect(fields?.filter((name) => !usedCapabilities.has(name))).toEqual([]);
  });
}
