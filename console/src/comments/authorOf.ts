import { accountName } from "../platforms/platforms";
import type { Comment } from "./types";

/** Returns who wrote a comment: the account itself by its handle. */
export function authorOf({ own, author, platform, handle }: Comment): string {
  return own ? accountName(platform, handle) : (author ?? "Name withheld");
}
