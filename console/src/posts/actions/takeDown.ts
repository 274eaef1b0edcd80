import type { PlatformName, ScheduledPost, SocialAccount } from "presswork-client";
import { platformName } from "../../platforms/platforms";

/**
 * Who can take a post of an account down: Presswork by a `call`, at once or after the account is connected again (`access`);
 * or a `person`, because the owner has not agreed to it (`permission`), or there is no call.
 */
export type Way = "call" | "access" | "permission" | "person";

/** Returns who can take a post of an account down. */
export function wayOf({ mode }: Pick<ScheduledPost, "mode">, { readiness }: Pick<SocialAccount, "readiness">): Way {
  if (mode === "managed") return "person";
  const { ready, reason } = readiness.takeDown;
  if (ready) return "call";
  if (reason === "reauth_required") return "access";
  return reason === "not_supported" ? "person" : "permission";
}

/** Whether Presswork can take it down, as far as is known. */
export function canCall(way: Way | undefined): boolean {
  return way !== "permission" && way !== "person";
}

type Placed = Pick<ScheduledPost, "platform" | "socialAccountId">;
const LIST = new Intl.ListFormat("en", { type: "conjunction" });

function networksOf(posts: readonly { readonly platform: PlatformName }[]): string {
  return LIST.format([...new Set(posts.map(({ platform }) => platformName(platform)))]);
}

/** Returns what happens if posts are taken down. */
export function effectSentence(posts: readonly Placed[]): string {
  const where = posts.length === 0 ? "their networks" : networksOf(posts);
  return posts.length === 1
    ? `Removes the post from ${where}. Its likes, comments and numbers go with it. This can't be undone.`
    : `Removes the posts from ${where}. Their likes, comments and numbers go with them. This can't be undone.`;
}

/** "3 posts are live on 3 accounts. 1 of them, on TikTok, must be deleted by a person." */
export function countSentence<T extends Placed>(posts: readonly T[], of: (post: T) => Way | undefined): string {
  const accounts = new Set(posts.map(({ socialAccountId }) => socialAccountId)).size;
  const live = `${count(posts.length, "post is", "posts are")} live on ${count(accounts, "account", "accounts")}.`;
  const parts = PARTS.flatMap(([way, one, several]) => {
    const some = posts.filter((post) => of(post) === way);
    if (some.length === 0) return [];
    return [` ${some.length} of them, on ${networksOf(some)}, ${some.length === 1 ? one : several}.`];
  });
  return `${live}${parts.join("")}`;
}

const PARTS: readonly (readonly [Way, string, string])[] = [
  ["person", "must be deleted by a person", "must be deleted by a person"],
  [
    "permission",
    "can't be deleted before its account is connected again, with its owner's agreement",
    "can't be deleted before their accounts are connected again, with their owners' agreement",
  ],
  ["access", "waits until its account is connected again", "wait until their accounts are connected again"],
];

function count(number: number, one: string, several: string): string {
  return `${number.toLocaleString("en")} ${number === 1 ? one : several}`;
}
