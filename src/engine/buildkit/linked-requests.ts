/** The requests of a build and of the linked targets that it is made from. */
import type { BuildRequest } from "../build-request.ts";

/** The request and those of its linked targets. */
export function allRequests(request: BuildRequest): readonly BuildRequest[] {
  return [request, ...(request.linked ?? []).map((each) => each.request)];
}

/** The request with the change made to it and to each linked one. */
export async function changedAll(
  request: BuildRequest,
  change: (request: BuildRequest) => Promise<BuildRequest>,
): Promise<BuildRequest> {
  const own = await change(request);
  if (request.linked === undefined) return own;
  const linked = request.linked.map(async (each) => ({ ...each, request: await change(each.request) }));
  return { ...own, linked: await Promise.all(linked) };
}
