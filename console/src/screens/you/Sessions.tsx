import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { usePages } from "../../api/usePages";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toastError } from "../../ui/toasts";
import { browserOf } from "./browserOf";

/** The browsers that are signed in as this person, with a button that ends each. */
export function Sessions() {
  const queries = useQueryClient();
  const { sessions: calls } = clientOf("test");
  const sessions = usePages(["sessions"], () => calls.list());
  const mutationKey = ["sessions", "end"];
  const end = useMutation({
    mutationKey,
    mutationFn: async (sessionId: string | null) => (sessionId === null ? calls.endOthers() : calls.end({ sessionId })),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
  const ending = useMutationState({
    filters: { mutationKey, status: "pending" },
    select: ({ state }) => state.variables as string | null,
  });
  const isEnding = (sessionId: string | null) => ending.includes(sessionId);
  return (
    <section className="panel you-part" aria-labelledby="you-sessions">
      <header className="you-head">
        <h2 id="you-sessions">Sessions</h2>
        <Button onPress={() => end.mutate(null)} isPending={isEnding(null)} isDisabled={sessions.rows.length < 2}>
          End all others
        </Button>
      </header>
      {sessions.isPending && <SkeletonRows rows={2} />}
      {sessions.error && <ErrorNotice error={sessions.error} />}
      <ul className="you-sessions">
        {sessions.rows.map((session) => (
          <li key={session.id}>
            <div>
              <p>
                <strong>{browserOf(session.userAgent)}</strong>{" "}
                {session.isCurrent && <Badge tone="good">this one</Badge>}
              </p>
              <p className="soft small">
                Signed in <Time at={session.createdAt} isRelative />, last used{" "}
                <Time at={session.lastSeenAt} isRelative />
              </p>
            </div>
            {!session.isCurrent && (
              <Button kind="danger" isPending={isEnding(session.id)} onPress={() => end.mutate(session.id)}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
      {sessions.hasMore && (
        <div>
          <Button isPending={sessions.isFetchingMore} onPress={sessions.fetchMore}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}
