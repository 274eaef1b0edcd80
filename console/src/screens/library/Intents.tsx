import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, Trash2 } from "lucide-react";
import type { Content, Environment, ScheduleIntent } from "presswork-client";
import { lazy, Suspense, useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { intentsQuery } from "../../content/queries";
import { Targets } from "../../content/Targets";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Time } from "../../ui/Time";
import { toast, toastError } from "../../ui/toasts";

const MoveIntent = lazy(() => import("./MoveIntent"));

interface IntentsProps {
  readonly environment: Environment;
  readonly content: Content;
  readonly zone: string | undefined;
  readonly mayChange: boolean;
}

/** The schedule calls that wait for approval: they can be moved and withdrawn. Nothing without one. */
export function Intents({ environment, content, zone, mayChange }: IntentsProps) {
  const intents = useQuery(intentsQuery(environment, content.id));
  const [open, setOpen] = useState<{ readonly what: "move" | "withdraw"; readonly intent: ScheduleIntent } | null>(
    null,
  );
  const close = () => setOpen(null);
  const { move, withdraw } = useIntentActions(environment, content.id);
  if (intents.data === undefined || intents.data.length === 0) return null;
  return (
    <section className="panel content-part" aria-labelledby="content-intents">
      <h2 id="content-intents">Scheduled once it is approved</h2>
      <ul className="goes-out">
        {intents.data.map((intent) => (
          <li key={intent.id}>
            <div className="goes-out-head">
              <strong>
                <Time at={intent.scheduledFor} zone={zone} />
              </strong>
              {mayChange && (
                <span className="actions">
                  <Button onPress={() => setOpen({ what: "move", intent })}>
                    <CalendarClock aria-hidden /> Move
                  </Button>
                  <Button kind="danger" onPress={() => setOpen({ what: "withdraw", intent })}>
                    <Trash2 aria-hidden /> Withdraw
                  </Button>
                </span>
              )}
            </div>
            <Targets environment={environment} targets={intent.targets} content={content} />
          </li>
        ))}
      </ul>
      <Suspense>
        {open?.what === "move" && (
          <MoveIntent
            intent={open.intent}
            zone={zone}
            isPending={move.isPending}
            error={move.error}
            onClose={close}
            onMove={(to) => move.mutate({ intent: open.intent, to }, { onSuccess: close })}
          />
        )}
      </Suspense>
      {open?.what === "withdraw" && (
        <ConfirmDialog
          title="Withdraw this schedule?"
          action="Withdraw it"
          isPending={withdraw.isPending}
          onClose={close}
          onConfirm={() => withdraw.mutate(open.intent, { onSettled: close })}
        >
          <p>The approval will not make posts of it. The content stays, and can be scheduled again.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function useIntentActions(environment: Environment, containerId: string) {
  const queries = useQueryClient();
  const { approval } = clientOf(environment);
  const onSettled = () => queries.invalidateQueries({ queryKey: [environment, "content"] });
  const reschedule = (intentId: string, scheduledFor: Date | string) =>
    approval.rescheduleIntent({ containerId, intentId, scheduledFor });
  const move = useMutation({
    mutationFn: ({ intent, to }: { readonly intent: ScheduleIntent; readonly to: Date }) => reschedule(intent.id, to),
    onSuccess: (_, { intent }) =>
      toast("The schedule was moved.", {
        label: "Undo",
        run: () => {
          reschedule(intent.id, intent.scheduledFor).then(onSettled, (error: unknown) => toastError(messageOf(error)));
        },
      }),
    onSettled,
  });
  const withdraw = useMutation({
    mutationFn: (intent: ScheduleIntent) => approval.withdrawIntent({ containerId, intentId: intent.id }),
    onSuccess: () => toast("The schedule was withdrawn."),
    onError: (error) => toastError(messageOf(error)),
    onSettled,
  });
  return { move, withdraw };
}
