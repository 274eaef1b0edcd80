import { getRouteApi, Link } from "@tanstack/react-router";
import { Plus, Webhook } from "lucide-react";
import type { WebhookEndpoint } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { SecretDialog } from "../../ui/SecretDialog";
import { Time } from "../../ui/Time";
import { CreateEndpoint } from "./CreateEndpoint";
import "./developers.css";

const route = getRouteApi("/$environment/developers/webhooks");

const PAUSED = {
  by_request: "Paused",
  too_many_failures: "Paused after failures",
  gone: "Paused: it answered 410",
} as const;

/** The webhook endpoints of this environment. */
export default function Webhooks() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const list = usePages([environment, "endpoints"], () => clientOf(environment).webhooks.listEndpoints());
  const [isCreating, setCreating] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const create = session.scopes.includes("webhooks:write") && (
    <Button kind="primary" onPress={() => setCreating(true)}>
      <Plus aria-hidden /> New endpoint
    </Button>
  );
  return (
    <>
      <div className="part-head">
        <p className="soft">Presswork sends events to these addresses, signed and with retries for days.</p>
        {create}
      </div>
      <div className="panel">
        <DataTable
          label="Webhook endpoints"
          list={list}
          idOf={(endpoint) => endpoint.id}
          columns={[
            {
              name: "Address",
              cell: (endpoint) => (
                <Link
                  to="/$environment/developers/webhooks/$endpointId"
                  params={{ environment, endpointId: endpoint.id }}
                >
                  {endpoint.url}
                </Link>
              ),
            },
            { name: "Description", cell: (endpoint) => endpoint.description },
            { name: "Events", cell: (endpoint) => endpoint.events.length },
            { name: "Status", cell: (endpoint) => <EndpointBadge endpoint={endpoint} /> },
            { name: "Created", cell: (endpoint) => <Time at={endpoint.createdAt} isRelative /> },
          ]}
          empty={
            <EmptyState icon={Webhook} title="No endpoints">
              An endpoint is an address of yours that receives events: a post went live, an account must reconnect.
            </EmptyState>
          }
        />
      </div>
      {isCreating && (
        <CreateEndpoint
          environment={environment}
          onClose={() => setCreating(false)}
          onCreated={(one) => setSecret(one)}
        />
      )}
      <SecretDialog
        title="The signing secret"
        what="the signing secret"
        secret={secret}
        onClose={() => setSecret(null)}
      />
    </>
  );
}

/** The state of an endpoint. */
export function EndpointBadge({ endpoint }: { readonly endpoint: WebhookEndpoint }) {
  if (endpoint.status === "active") return <Badge tone="good">Active</Badge>;
  return <Badge tone="warn">{PAUSED[endpoint.pausedReason ?? "by_request"]}</Badge>;
}
