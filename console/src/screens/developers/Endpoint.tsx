import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ArrowLeft, Inbox } from "lucide-react";
import type { DeliveryStatus, WebhookDelivery } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { usePages } from "../../api/usePages";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toast, toastError } from "../../ui/toasts";
import { DeliveryDialog } from "./DeliveryDialog";
import "./developers.css";
import { EndpointBadge } from "./Webhooks";

const route = getRouteApi("/$environment/developers/webhooks/$endpointId");
const TONES: Readonly<Record<DeliveryStatus, Tone>> = { pending: "info", delivered: "good", failed: "bad" };

/** One webhook endpoint and its deliveries; the one that is open is in the address. */
export default function Endpoint() {
  const { environment, endpointId } = route.useParams();
  const { delivery: openId } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const { webhooks } = clientOf(environment);
  const key = [environment, "endpoints", endpointId];
  const endpoint = useQuery({ queryKey: key, queryFn: () => webhooks.getEndpoint({ endpointId }) });
  const list = usePages([...key, "deliveries"], () => webhooks.listDeliveries({ endpointId }));
  const refresh = { onSettled: () => queries.invalidateQueries({ queryKey: [environment, "endpoints"] }) };
  const onError = (error: Error) => toastError(messageOf(error));
  const resume = useMutation({
    mutationFn: () => webhooks.updateEndpoint({ endpointId, status: "active" }),
    onSuccess: () => toast("The endpoint receives events again."),
    onError,
    ...refresh,
  });
  const test = useMutation({
    mutationFn: () => webhooks.sendTest({ endpointId }),
    onSuccess: () => toast("A test event is on its way."),
    onError,
    ...refresh,
  });
  const open = (delivery: WebhookDelivery) => navigate({ search: { delivery: delivery.id } });
  const mayWrite = session.scopes.includes("webhooks:write");
  const opened = list.rows.find((delivery) => delivery.id === openId);
  return (
    <Loaded query={endpoint} skeleton={<SkeletonRows />}>
      {(found) => (
        <>
          <div className="part-head">
            <p className="two-lines">
              <Link to="/$environment/developers/webhooks" params={{ environment }}>
                <ArrowLeft size={14} aria-hidden /> All endpoints
              </Link>
              <strong>{found.url}</strong>
            </p>
            <EndpointBadge endpoint={found} />
            {mayWrite && found.status === "paused" && (
              <Button kind="primary" isPending={resume.isPending} onPress={() => resume.mutate()}>
                Resume
              </Button>
            )}
            {mayWrite && (
              <Button isPending={test.isPending} onPress={() => test.mutate()}>
                Send a test
              </Button>
            )}
          </div>
          <div className="panel">
            <DataTable
              label="Deliveries"
              list={list}
              idOf={(delivery) => delivery.id}
              columns={[
                {
                  name: "Event",
                  cell: (delivery) => (
                    <Button kind="quiet" onPress={() => void open(delivery)}>
                      {delivery.eventType}
                    </Button>
                  ),
                },
                { name: "Status", cell: (one) => <Badge tone={TONES[one.status]}>{one.status}</Badge> },
                { name: "Attempts", cell: (delivery) => delivery.attempts.length },
                { name: "Last answer", cell: (delivery) => delivery.attempts.at(-1)?.statusCode ?? "none" },
                { name: "Created", isAtEnd: true, cell: (delivery) => <Time at={delivery.createdAt} isRelative /> },
              ]}
              empty={
                <EmptyState icon={Inbox} title="Nothing was sent yet">
                  {mayWrite ? "Send a test, or publish" : "Publish"} a post: what is sent to this address appears here.
                </EmptyState>
              }
            />
          </div>
          {opened !== undefined && (
            <DeliveryDialog
              environment={environment}
              delivery={opened}
              isReadOnly={!mayWrite}
              onClose={() => void navigate({ search: {} })}
            />
          )}
        </>
      )}
    </Loaded>
  );
}
