import type { Comment } from "presswork-client";
import { accountName } from "../platforms/platforms";

/** Returns who wrote a comment: the account itself by its handle. */
export function authorOf({ own, author, platform, handle }: Comment): string {
  return own ? accountName(platform, handle) : (author ?? "Name withheld");
}
