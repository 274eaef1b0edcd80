import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toastError } from "../../ui/toasts";
import { browserOf } from "./browserOf";

/** The browsers that are signed in as this person, with a button that ends each. */
export function Sessions() {
  const queries = useQueryClient();
  const sessions = useQuery({ queryKey: ["sessions"], queryFn: () => clientOf("test").auth.listSessions() });
  const end = useMutation({
    mutationFn: (sessionId: string | null) =>
      sessionId === null ? clientOf("test").auth.endOtherSessions() : clientOf("test").auth.endSession({ sessionId }),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["sessions"] }),
  });
  return (
    <section className="panel you-part" aria-labelledby="you-sessions">
      <header className="you-head">
        <h2 id="you-sessions">Sessions</h2>
        <Button onPress={() => end.mutate(null)} isDisabled={(sessions.data?.items.length ?? 0) < 2}>
          End all others
        </Button>
      </header>
      {sessions.isPending && <SkeletonRows rows={2} />}
      {sessions.isError && <Notice tone="bad">{messageOf(sessions.error)}</Notice>}
      <ul className="you-sessions">
        {sessions.data?.items.map((session) => (
          <li key={session.id}>
            <span>
              <strong>{browserOf(session.userAgent)}</strong> {session.isCurrent && <Badge tone="good">this one</Badge>}
              <span className="soft small">
                Signed in <Time at={session.createdAt} isRelative />, last used{" "}
                <Time at={session.lastSeenAt} isRelative />
              </span>
            </span>
            {!session.isCurrent && (
              <Button kind="danger" onPress={() => end.mutate(session.id)}>
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
