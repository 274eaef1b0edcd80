import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConnectedAgent } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { usePages } from "../../api/usePages";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toastError } from "../../ui/toasts";
import "./agent-list.css";

interface AgentListProps {
  readonly userId: string;
}

/** The programs that act for a person, with a button that disconnects each. */
export function AgentList({ userId }: AgentListProps) {
  const queries = useQueryClient();
  const { agents: calls } = clientOf("test");
  const agents = usePages(["agents", userId], () => calls.list({ userId }));
  const [chosen, setChosen] = useState<ConnectedAgent | null>(null);
  const disconnect = useMutation({
    mutationFn: (agentId: string) => calls.disconnect({ agentId }),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setChosen(null);
      return queries.invalidateQueries({ queryKey: ["agents", userId] });
    },
  });
  if (agents.isPending) return <SkeletonRows rows={1} />;
  if (agents.error === null && agents.rows.length === 0) return <p className="soft">No agent is connected.</p>;
  return (
    <>
      {agents.error && <ErrorNotice error={agents.error} />}
      <ul className="agent-list">
        {agents.rows.map((agent) => (
          <li key={agent.id}>
            <div>
              <p>
                <strong>{agent.name}</strong>{" "}
                <Badge tone={agent.environment === "live" ? "warn" : "neutral"}>{agent.environment}</Badge>
              </p>
              <p className="soft small">
                Connected <Time at={agent.createdAt} isRelative />,{" "}
                {agent.lastUsedAt ? (
                  <>
                    last used <Time at={agent.lastUsedAt} isRelative />
                  </>
                ) : (
                  "not used yet"
                )}
              </p>
            </div>
            <Button kind="danger" onPress={() => setChosen(agent)} aria-label={`Disconnect ${agent.name}`}>
              Disconnect
            </Button>
            <p className="soft small agent-scopes">{agent.scopes.join(", ")}</p>
          </li>
        ))}
      </ul>
      {agents.hasMore && (
        <Button isPending={agents.isFetchingMore} onPress={agents.fetchMore}>
          Show more
        </Button>
      )}
      {chosen !== null && (
        <ConfirmDialog
          title={`Disconnect ${chosen.name}?`}
          action="Disconnect the agent"
          isPending={disconnect.isPending}
          onConfirm={() => disconnect.mutate(chosen.id)}
          onClose={() => setChosen(null)}
        >
          <p>It loses its access at once. To use it again, allow it again in the program.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
