import { useQuery } from "@tanstack/react-query";
import type { Environment, Queue } from "presswork-client";
import { clientOf } from "../api/client";
import { useNow } from "../ui/useNow";
import { MAX_SHOWN_SLOTS, openFrom, slotsQuery } from "./queries";

interface Wish {
  /** Accounts that need the slot. */
  readonly accounts: readonly string[];
  readonly position: "next" | "last";
  /** Posts that leave their slots, which count as free. */
  readonly leaving?: readonly string[];
}

/** Returns when posts of some accounts would be due that take a free slot of a queue; null before it is known, and without a queue. */
export function useFreeSlot(environment: Environment, queue: Queue | undefined, wish: Wish): string | null {
  const minute = useNow().toISOString().slice(0, 16);
  const isAsked = queue !== undefined;
  const slots = useQuery({
    ...slotsQuery(
      environment,
      queue?.id ?? "",
      openFrom(queue ?? { pausedUntil: null }, `${minute}:00Z`),
      MAX_SHOWN_SLOTS,
    ),
    enabled: isAsked,
    placeholderData: (before) => before,
  });
  const last = slots.data?.at(-1)?.slotAt;
  const taken = (slots.data ?? []).flatMap(({ takenBy }) => takenBy);
  // Whose they are: a slot that other accounts have is free.
  const posts = useQuery({
    queryKey: [environment, "posts", "taken", queue?.id, slots.data?.[0]?.slotAt, last, taken.length],
    queryFn: async () => {
      const page = await clientOf(environment).publishing.searchPosts({
        projectId: queue?.projectId ?? "",
        status: ["queued", "publishing"],
        since: slots.data?.[0]?.slotAt,
        limit: 100,
      });
      return new Map(page.items.map(({ id, socialAccountId }) => [id, socialAccountId]));
    },
    enabled: isAsked && taken.length > 0,
  });
  if (!isAsked) return null;
  const isTaken = (postId: string) => {
    if (wish.leaving?.includes(postId)) return false;
    const account = posts.data?.get(postId);
    return account === undefined || wish.accounts.includes(account);
  };
  const isFree = ({ takenBy }: { readonly takenBy: readonly string[] }) => !takenBy.some(isTaken);
  const isHeld = ({ takenBy }: { readonly takenBy: readonly string[] }) =>
    takenBy.some((id) => !wish.leaving?.includes(id));
  const end = (slots.data ?? []).findLastIndex(isHeld);
  const candidates = wish.position === "last" ? slots.data?.slice(end + 1) : slots.data;
  return candidates?.find(isFree)?.scheduledFor ?? null;
}
