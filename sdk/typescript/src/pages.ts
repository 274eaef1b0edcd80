import { InvalidArgumentError } from "./errors.js";
import type { ApiResponse, WithResponse } from "./responses.js";

/** One page of a list. `for await` over it continues with the following pages, which are fetched on demand. */
export class Page<T, P> implements AsyncIterable<T> {
  readonly #fetchAfter: (cursor: string) => Promise<Page<T, P>>;

  constructor(
    /** The rows of this page only. */
    readonly items: readonly T[],
    readonly nextCursor: string | null,
    /** The page as the API returns it, with its other fields. */
    readonly answer: P,
    readonly response: ApiResponse,
    fetchAfter: (cursor: string) => Promise<Page<T, P>>,
  ) {
    this.#fetchAfter = fetchAfter;
  }

  /** Whether there is another page. */
  get hasNextPage(): boolean {
    return this.nextCursor !== null;
  }

  /** Fetches the next page. Throws an InvalidArgumentError on the last page. */
  async nextPage(): Promise<Page<T, P>> {
    if (this.nextCursor === null) throw new InvalidArgumentError("This is the last page. Check hasNextPage first.");
    return this.#fetchAfter(this.nextCursor);
  }

  /** Yields this page and all following pages. */
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

/** A list: await it for its first page, or iterate over every row with `for await`. */
export class Pages<T, P> implements PromiseLike<Page<T, P>>, AsyncIterable<T> {
  readonly #first: () => Promise<Page<T, P>>;
  #page: Promise<Page<T, P>> | undefined;

  /** Creates a list from the function that fetches its first page. */
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

  /** Returns the first page as the API returns it, and the HTTP response. */
  async withResponse(): Promise<WithResponse<P>> {
    const page = await this.#first();
    return { data: page.answer, response: page.response };
  }
}
