import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import type { AuditActor, Environment } from "presswork-client";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Time } from "../../ui/Time";
import "./developers.css";

const route = getRouteApi("/$environment/developers/audit");

/** Who changed what, newest first. */
export default function AuditLog() {
  const { environment } = route.useParams();
  const list = usePages([environment, "audit"], () => clientOf(environment).auditLog.list());
  const names = useKeyNames(environment);
  return (
    <div className="panel">
      <DataTable
        label="Audit log"
        list={list}
        idOf={(entry) => entry.id}
        columns={[
          { name: "When", cell: (entry) => <Time at={entry.at} /> },
          { name: "Who", cell: (entry) => actorName(entry.actor, names) },
          { name: "What", cell: (entry) => <code>{entry.action}</code> },
          { name: "About", cell: (entry) => entry.objectId && <code>{entry.objectId}</code> },
          { name: "Request", cell: (entry) => entry.requestId && <code className="soft">{entry.requestId}</code> },
        ]}
        empty={
          <EmptyState icon={ScrollText} title="Nothing has changed yet">
            Every change by a person, a key or the command line appears here.
          </EmptyState>
        }
      />
    </div>
  );
}

/** Returns the names of the latest keys by id: one request for all rows. */
function useKeyNames(environment: Environment): ReadonlyMap<string, string> {
  const keys = useQuery({
    queryKey: [environment, "keys", "names"],
    queryFn: async () => (await clientOf(environment).apiKeys.list({ limit: 100 })).items,
  });
  return new Map(keys.data?.flatMap(({ id, name }) => (name ? [[id, name] as const] : [])));
}

function actorName(actor: AuditActor, names: ReadonlyMap<string, string>): string {
  switch (actor.kind) {
    case "api_key":
      return `Key ${names.get(actor.keyId ?? "") ?? actor.keyId ?? ""}`;
    case "command_line":
      return `${actor.name ?? "A person"} on the command line`;
    case "worker":
      return "Presswork";
    case "platform":
      return `A person, through ${actor.name ?? "a platform"}`;
    default:
      return actor.name ?? "A person";
  }
}
