/** An HTTP response. */
export class ApiResponse {
  constructor(
    readonly statusCode: number,
    readonly headers: Headers,
    /** The body. */
    readonly text: string,
    /** How many times the request was sent, including the attempt that returned this response. */
    readonly attempts: number,
  ) {}

  /** The request id. Quote it when you report a problem to the server's operator. */
  get requestId(): string | undefined {
    return this.headers.get("x-request-id") ?? undefined;
  }

  /** Whether this is the stored response of an earlier call with the same idempotency key. */
  get isReplayed(): boolean {
    return this.headers.get("idempotent-replayed") === "true";
  }
}

/** An object of the API with its HTTP response. */
export interface WithResponse<T> {
  readonly data: T;
  readonly response: ApiResponse;
}

/** The result of a call: await it for the object, or call `.withResponse()` for the HTTP response as well. */
export class ApiPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = "ApiPromise";
  readonly #answer: Promise<WithResponse<T>>;

  constructor(answer: Promise<WithResponse<T>>) {
    this.#answer = answer;
  }

  /** Returns the object and the HTTP response. */
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
