import type { RequestOptions } from "./calls.js";
import { InvalidArgumentError } from "./errors.js";
import { ProjectsCalls } from "./generated/projects.js";

/** Group the content and accounts of one customer, export them and erase them. */
export class Projects extends ProjectsCalls {
  /**
   * Returns the response with the archive of an export that is done: read its `body` as it arrives, or its `blob()`. The body fails
   * if it is cut off. Throws an InvalidArgumentError if the export is not done.
   */
  async downloadExport({ exportId }: { readonly exportId: string }, options: RequestOptions = {}): Promise<Response> {
    const made = await this.getExport({ exportId }, options);
    if (made.url === null) {
      throw new InvalidArgumentError(`${made.id} is ${made.status}: it has no archive. Wait until its status is done.`);
    }
    return this._transport.download(made.url, {}, options);
  }
}
