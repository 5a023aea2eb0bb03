/** A name that the SDK's types take from browsers and Node's own types do not have; nothing here runs. */
export {};

declare global {
  type HeadersInit = ConstructorParameters<typeof Headers>[0];
}
