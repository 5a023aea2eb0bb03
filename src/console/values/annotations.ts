/** `--annotation`: what is written beside the image, as attributes of its exporter. Pure. */
import { badValue } from "../bad-values.ts";
import { normalPlatform } from "./platform.ts";

const PLACES = ["manifest", "manifest-descriptor", "index", "index-descriptor"];

/**
 * `[PLACE[,PLACE]:]KEY=VALUE`, a place with a platform in brackets after it.
 * @returns by the exporter's attribute, e.g. "annotation-manifest[linux/amd64].KEY" (BuildKit 0.32)
 * @throws {BktuiError} "bad-request".
 */
export function parseAnnotations(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(values.filter((text) => text !== "").flatMap(parseAnnotation));
}

function parseAnnotation(text: string): readonly (readonly [attribute: string, value: string])[] {
  const equals = text.indexOf("=");
  if (equals < 0) throw badValue(`--annotation ${text}: not KEY=VALUE`);
  const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
  const colon = name.indexOf(":");
  if (colon < 0) return [[`annotation.${name}`, value]];
  const key = name.slice(colon + 1);
  return name
    .slice(0, colon)
    .split(",")
    .map((place) => [`annotation-${placeOf(place, text)}.${key}`, value]);
}

function placeOf(text: string, whole: string): string {
  const [, place = "", platform] = /^([a-z-]+)(?:\[([A-Za-z0-9_/-]+)\])?$/.exec(text) ?? [];
  if (!PLACES.includes(place))
    throw badValue(
      `--annotation ${whole}: unknown place "${text}"`,
      `the places are ${PLACES.join(", ")}, for example manifest[linux/amd64]:KEY=VALUE`,
    );
  const isOfIndex = place.startsWith("index");
  return platform === undefined || isOfIndex ? place : `${place}[${normalPlatform(platform)}]`;
}
