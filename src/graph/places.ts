/** Which instruction of the source each vertex belongs to. */
import type { Graph, Line, Vertex } from "./graph.ts";
import type { OtherPlace } from "./program.ts";

export interface Place {
  readonly start: Line;
  readonly end: Line;
}

/** Vertices that are one step. */
export interface Group {
  readonly place: Place;
  /** In topological order. */
  readonly members: readonly Vertex[];
  /** The last member: it gives the result. */
  readonly main: Vertex;
  /** Trigger of the image that FROM names, located at the FROM line. */
  readonly onbuild: boolean;
  /** Further places of `main`: twins that have no vertices of their own. */
  readonly others: readonly OtherPlace[];
}

interface Located {
  readonly vertex: Vertex;
  readonly places: readonly Place[];
  readonly home: Place;
  readonly onbuild: boolean;
}

/**
 * Groups every vertex located in `source`; in file order, topological where lines are equal.
 * `isFrom` tells whether a FROM instruction starts at a line.
 */
export function groupByPlace(
  graph: Graph,
  source: number,
  isFrom: (line: Line) => boolean,
): readonly Group[] {
  const groups = new Map<string, Located[]>();
  for (const vertex of graph.vertices.values()) {
    const places = vertexPlaces(vertex, source, isFrom);
    // The first one, so that the order of the file stays an order in which steps can run.
    const home = places[0];
    if (home === undefined) continue;
    const onbuild = vertex.kind !== "source" && isFrom(home.start);
    const key = onbuild ? `${home.start} ${vertex.progressGroup ?? vertex.digest}` : `${home.start}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [{ vertex, places, home, onbuild }]);
    else group.push({ vertex, places, home, onbuild });
  }
  const owned = new Set([...groups.values()].map((members) => members[0]?.home.start));
  // A stable sort of groups in the order of their first vertex: triggers of one FROM keep the topological order.
  return [...groups.values()]
    .flatMap((members) => toGroup(members, (line) => owned.has(line) && !isFrom(line)))
    .sort((a, b) => a.place.start - b.place.start);
}

function toGroup(members: readonly Located[], isOwned: (line: Line) => boolean): readonly Group[] {
  const first = members[0];
  const last = members.at(-1);
  if (first === undefined || last === undefined) return [];
  const end = members.reduce((line, { home }) => (home.end > line ? home.end : line), first.home.end);
  return [
    {
      place: { start: first.home.start, end },
      members: members.map(({ vertex }) => vertex),
      main: last.vertex,
      onbuild: first.onbuild,
      others: last.places
        .filter(({ start }) => start !== first.home.start && !isOwned(start))
        .map(({ start, end }) => ({ kind: "twin", start, end })),
    },
  ];
}

/** Places of a vertex in a text whose instructions nobody knows. */
export function mergedPlaces(vertex: Vertex, source: number): readonly Place[] {
  return vertexPlaces(vertex, source, () => false);
}

/**
 * BuildKit (0.8 to 0.32) gives one range per line, so ranges that touch are one instruction; only FROM lines
 * can touch each other and still be different places of one vertex.
 */
function vertexPlaces(vertex: Vertex, source: number, isFrom: (line: Line) => boolean): readonly Place[] {
  const ranges = vertex.ranges
    .filter((range) => range.source === source && range.start > 0)
    .toSorted((a, b) => a.start - b.start);
  const places: Place[] = [];
  for (const { start, end } of ranges) {
    const last = places.at(-1);
    const touches = last !== undefined && start <= last.end + 1;
    // A "FROM" further down in a RUN is the body of a heredoc that the parser misread.
    if (!touches || (start > last.end && isFrom(start) && (isFrom(last.start) || vertex.kind === "source")))
      places.push({ start, end });
    else if (end > last.end) places[places.length - 1] = { start: last.start, end };
  }
  return places;
}
