import type { ApiResponse, WithResponse } from "./responses.js";

/** One page of a list. `for await` over it goes on through the pages after it, which are fetched as they are needed. */
export class Page<T, P> implements AsyncIterable<T> {
  constructor(
    /** The rows of this page only. */
    readonly items: readonly T[],
    readonly nextCursor: string | null,
    /** The page as the API answers it, with whatever else it says. */
    readonly answer: P,
    readonly response: ApiResponse,
    private readonly fetchAfter: (cursor: string) => Promise<Page<T, P>>,
  ) {}

  /** Whether there is more. */
  get hasNextPage(): boolean {
    return this.nextCursor !== null;
  }

  /** Fetches the page after this one. Throws a RangeError on the last. */
  async nextPage(): Promise<Page<T, P>> {
    if (this.nextCursor === null) throw new RangeError("This is the last page; look at hasNextPage first.");
    return this.fetchAfter(this.nextCursor);
  }

  /** Yields this page and all after it. */
  async *pages(): AsyncGenerator<Page<T, P>> {
    let page: Page<T, P> = this;
    yield page;
    while (page.hasNextPage) {
      page = await page.nextPage();
      yield page;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for await (const page of this.pages()) yield* page.items;
  }
}

/** A list that was asked for: await it for its first page, or `for await` over every row. */
export class Pages<T, P> implements PromiseLike<Page<T, P>>, AsyncIterable<T> {
  readonly #first: () => Promise<Page<T, P>>;
  #page: Promise<Page<T, P>> | undefined;

  /** Takes what fetches the first page; nothing is sent before it is awaited. */
  constructor(first: () => Promise<Page<T, P>>) {
    this.#first = first;
  }

  then<A = Page<T, P>, B = never>(
    done?: ((value: Page<T, P>) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return (this.#page ??= this.#first()).then(done, failed);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    yield* await this.#first();
  }

  /** The first page as the API answers it, and the HTTP answer. */
  async withResponse(): Promise<WithResponse<P>> {
    const page = await this.#first();
    return { data: page.answer, response: page.response };
  }
}
