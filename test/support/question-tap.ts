/** Listens to what is asked about states on its way to the engine, which answers as ever. */
import { Channel, type Method } from "../../src/transport/channel.ts";
import { RpcError } from "../../src/transport/rpc-error.ts";

interface Question {
  /** ReadDir, ReadFile, StatFile or NewContainer. */
  readonly name: string;
  readonly refs: readonly string[];
  readonly path: string;
}

/** A solve of a definition, and the questions that were open while it was. */
interface Solve {
  readonly beside: Question[];
}

const ABOUT_STATES = /\/(ReadDir|ReadFile|StatFile|NewContainer)$/;

/** Of every channel, until it is disposed. */
export class QuestionTap implements Disposable {
  /** In the order in which they began. */
  readonly questions: Question[] = [];
  /** Begun and not answered. */
  readonly open = new Set<Question>();
  readonly solves: Solve[] = [];
  readonly #solving = new Set<Solve>();
  /** Of the calls about one state, and of all, that were open at the same time. */
  mostPerState = 0;
  mostTogether = 0;
  /** Calls that were ended before the engine had answered. */
  cancelled = 0;
  readonly #unary = Channel.prototype.unary;
  #disturbances: string[] = [];

  constructor() {
    const tap = this;
    Channel.prototype.unary = async function <Request, Response>(
      this: Channel,
      method: Method<Request, Response>,
      ...rest: unknown[]
    ): Promise<Response> {
      const call = (): Promise<Response> => Reflect.apply(tap.#unary, this, [method, ...rest]);
      const question = questionOf(method.path, rest[0]);
      if (question !== undefined) return await tap.#listen(question, call);
      return method.path.endsWith("LLBBridge/Solve") ? await tap.#solve(call) : await call();
    };
  }

  /** The next answer is lost: the engine's words are this instead. */
  disturb(words: string): void {
    this.#disturbances.push(words);
  }

  [Symbol.dispose](): void {
    Channel.prototype.unary = this.#unary;
  }

  async #solve<Response>(call: () => Promise<Response>): Promise<Response> {
    const solve = { beside: [...this.open] };
    this.solves.push(solve);
    this.#solving.add(solve);
    try {
      return await call();
    } finally {
      this.#solving.delete(solve);
    }
  }

  async #listen<Response>(question: Question, call: () => Promise<Response>): Promise<Response> {
    this.questions.push(question);
    this.open.add(question);
    for (const { beside } of this.#solving) beside.push(question);
    this.mostTogether = Math.max(this.mostTogether, this.open.size);
    for (const ref of question.refs) {
      const about = [...this.open].filter(({ refs }) => refs.includes(ref)).length;
      this.mostPerState = Math.max(this.mostPerState, about);
    }
    try {
      const answer = await call();
      const words = this.#disturbances.shift();
      if (words !== undefined) throw new RpcError(words, { grpcCode: 2, details: [] });
      return answer;
    } catch (error) {
      if (error instanceof RpcError && error.code === "cancelled") this.cancelled += 1;
      throw error;
    } finally {
      this.open.delete(question);
    }
  }
}

function questionOf(method: string, request: unknown): Question | undefined {
  const name = ABOUT_STATES.exec(method)?.[1];
  if (name === undefined) return undefined;
  const { Ref, DirPath, FilePath, Path, Mounts } = request as Readonly<Record<string, unknown>>;
  const mounted = (Array.isArray(Mounts) ? Mounts : []).map((mount) => String(mount.resultID ?? ""));
  const refs = name === "NewContainer" ? [...new Set(mounted)].filter((id) => id !== "") : [String(Ref)];
  return { name, refs, path: String(DirPath ?? FilePath ?? Path ?? "") };
}
