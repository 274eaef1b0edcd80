import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, WebhookDelivery } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import { Fact, Facts } from "../../ui/Facts";
import { Time } from "../../ui/Time";
import { toast, toastError } from "../../ui/toasts";

interface DeliveryDialogProps {
  readonly environment: Environment;
  readonly delivery: WebhookDelivery;
  readonly isReadOnly: boolean;
  readonly onClose: () => void;
}

/** One delivery: what was sent, and what came back at each attempt. */
export function DeliveryDialog({ environment, delivery, isReadOnly, onClose }: DeliveryDialogProps) {
  const queries = useQueryClient();
  const replay = useMutation({
    mutationFn: () => clientOf(environment).webhooks.replayDelivery({ deliveryId: delivery.id }),
    onSuccess: () => {
      toast("The event is sent again.");
      onClose();
    },
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "endpoints"] }),
  });
  const body = JSON.stringify(delivery.payload, null, 2);
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title={delivery.eventType}
      actions={
        isReadOnly ? undefined : (
          <Button kind="primary" isPending={replay.isPending} onPress={() => replay.mutate()}>
            Send it again
          </Button>
        )
      }
    >
      <Facts>
        <Fact name="Event">
          <code>{delivery.eventId}</code> <CopyButton text={delivery.eventId} what="the id of the event" />
        </Fact>
        <Fact name="Next attempt">{delivery.nextAttemptAt && <Time at={delivery.nextAttemptAt} isRelative />}</Fact>
        {delivery.attempts.map((attempt, number) => (
          <Fact key={attempt.at} name={`Attempt ${number + 1}`}>
            <Time at={attempt.at} />: {attempt.error ?? `status ${attempt.statusCode}`}, {attempt.durationMs} ms
            {attempt.responseExcerpt && <pre className="delivery-body">{attempt.responseExcerpt}</pre>}
          </Fact>
        ))}
      </Facts>
      <h3>
        Body <CopyButton text={body} what="the body" />
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
      <pre className="delivery-body" tabIndex={0}>
        {body}
      </pre>
    </Dialog>
  );
}
