/** How much one answer or event holds; what is left out is counted in it. A model or a program reads it whole. */
export const BOUNDS = {
  /** Of one text; longer ones keep their beginning and end. */
  textCharacters: 16 * 1024,
  /** Texts that are a whole: a file, what a program printed, an op. */
  wholeCharacters: 1024 * 1024,
  steps: 2000,
  runningSteps: 50,
  /** Lines of a log in one answer, unless fewer are asked for. */
  logLines: 200,
  mostLogLines: 2000,
  /** Of one event. */
  eventLines: 200,
  /** Of a failed step, with the failure. */
  tailLines: 20,
  sourceLines: 2000,
  files: 1000,
  changes: 1000,
  diffRows: 2000,
  warnings: 100,
  /** Of one piece of a file. */
  fileBytes: 64 * 1024,
  /** Of what a program printed: the beginning and the end. */
  outputBytes: 64 * 1024,
} as const;
