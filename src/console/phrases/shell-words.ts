/** How a shell ended, in words that all front ends share. */

/**
 * "shell exited with 3, ! opens again in its files".
 * @param opens what opens another one, as it is pressed or typed; undefined = nobody is there to do so
 */
export function shellEndWords(
  {
    code,
    kept,
    taken,
  }: {
    /** Undefined: the engine released the state. */
    readonly code: number | undefined;
    /** The files are there as the shell left them. */
    readonly kept: boolean;
    /** Why it was ended by another front end; untrusted text. */
    readonly taken?: string | undefined;
  },
  opens: string | undefined,
): string {
  if (taken !== undefined) return `shell ended: ${taken.replace(/\.$/, "")}`;
  if (code === undefined) return "shell ended: the engine released this state";
  const again = opens === undefined ? "" : `, ${opens} opens again${kept ? " in its files" : ""}`;
  return `shell exited with ${code}${again}`;
}
