import { useQuery } from "@tanstack/react-query";
import { Pencil, Shuffle, Trash2 } from "lucide-react";
import type { Environment, Project, Queue } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { openFrom, slotsQuery } from "../../queues/queries";
import { frequencyOf } from "../../queues/slots";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { MenuItem, RowMenu } from "../../ui/Menu";
import { dayTime } from "../../ui/times";
import { useNow } from "../../ui/useNow";

const SHOWN = 12;

interface QueueRowProps {
  readonly environment: Environment;
  readonly queue: Queue;
  readonly project: Project;
  readonly mayWrite: boolean;
  readonly mayMove: boolean;
  readonly onEdit: () => void;
  readonly onReshuffle: () => void;
  readonly onDelete: () => void;
}

/** One queue: how often it goes out, for whom, and when its next time is free. */
export function QueueRow(props: QueueRowProps) {
  const { environment, queue, project, mayWrite, mayMove } = props;
  const now = useNow();
  const zone = queue.timezone;
  const from = `${now.toISOString().slice(0, 13)}:00:00Z`;
  const slots = useQuery({
    ...slotsQuery(environment, queue.id, openFrom(queue, from), SHOWN),
    enabled: queue.slots.length > 0,
  });
  const free = slots.data?.find((slot) => slot.takenBy.length === 0 && new Date(slot.slotAt) > now);
  const isPaused = queue.pausedUntil !== null && new Date(queue.pausedUntil) > now;
  return (
    <li className="planning-row">
      <div className="planning-text">
        <span className="planning-name">
          <strong>{queue.name}</strong>
          {queue.isDefault && <Badge>Default</Badge>}
          {isPaused && <Badge tone="warn">Paused</Badge>}
          {queue.refill !== null && <Badge tone="info">Refills itself</Badge>}
        </span>
        <span className="soft small">
          {frequencyOf(queue.slots)} · <Accounts environment={environment} queue={queue} />
          {zone !== project.timezone && ` · ${zone}`}
          {free !== undefined && ` · next free: ${dayTime(new Date(free.slotAt), now, zone)}`}
        </span>
      </div>
      {mayWrite && (
        <Button onPress={props.onEdit}>
          <Pencil aria-hidden /> Edit
        </Button>
      )}
      {(mayMove || mayWrite) && (
        <RowMenu label={`Actions for ${queue.name}`}>
          {mayMove && (
            <MenuItem onAction={props.onReshuffle}>
              <Shuffle aria-hidden /> Close the gaps…
            </MenuItem>
          )}
          {mayWrite && (
            <MenuItem isDangerous onAction={props.onDelete}>
              <Trash2 aria-hidden /> Delete…
            </MenuItem>
          )}
        </RowMenu>
      )}
    </li>
  );
}

function Accounts({ environment, queue: { socialAccountIds } }: Pick<QueueRowProps, "environment" | "queue">) {
  const accounts = useQuery({ ...accountsQuery(environment), enabled: socialAccountIds !== null }).data ?? [];
  if (socialAccountIds === null) return "all accounts";
  const [first, ...others] = accounts.filter(({ socialAccountId }) => socialAccountIds.includes(socialAccountId));
  if (first === undefined) return `${socialAccountIds.length} accounts`;
  return `${accountName(first.platform, first.handle)}${others.length > 0 ? ` and ${others.length} more` : ""}`;
}
