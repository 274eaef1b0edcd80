/** An answer as it came over the wire. */
export class ApiResponse {
  constructor(
    readonly statusCode: number,
    readonly headers: Headers,
    /** The body. */
    readonly text: string,
    /** How often the call was sent, this answer's time included. */
    readonly attempts: number,
  ) {}

  /** What to name to whoever runs the server. */
  get requestId(): string | undefined {
    return this.headers.get("x-request-id") ?? undefined;
  }

  /** Whether this is the stored answer of an earlier call with the same idempotency key. */
  get isReplayed(): boolean {
    return this.headers.get("idempotent-replayed") === "true";
  }
}

/** An object of the API, with the HTTP answer that it came in. */
export interface WithResponse<T> {
  readonly data: T;
  readonly response: ApiResponse;
}

/** What a call returns: await it for its object, or take `.withResponse()` for the HTTP answer as well. */
export class ApiPromise<T> implements PromiseLike<T> {
  readonly #answer: Promise<WithResponse<T>>;

  constructor(answer: Promise<WithResponse<T>>) {
    this.#answer = answer;
  }

  /** The object and the HTTP answer. */
  withResponse(): Promise<WithResponse<T>> {
    return this.#answer;
  }

  then<A = T, B = never>(
    done?: ((value: T) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.withResponse()
      .then(({ data }) => data)
      .then(done, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, failed);
  }

  finally(ended?: (() => void) | null): Promise<T> {
    return this.then().finally(ended);
  }
}
