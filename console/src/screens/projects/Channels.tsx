import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import type { Environment, NoticeChannel, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { usePages } from "../../api/usePages";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { toast, toastError } from "../../ui/toasts";
import { ChannelDialog } from "./ChannelDialog";
import { CHANNEL_PAUSES, kindOf } from "./channelKinds";
import { Section } from "./ProjectSections";

interface ChannelsProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly mayWrite: boolean;
}

/** Where messages about a project go, for all who read there. */
export default function Channels({ environment, project, mayWrite }: ChannelsProps) {
  const queryKey = [environment, "channels", project.id];
  const list = usePages(queryKey, () => clientOf(environment).channels.list({ projectId: project.id }));
  const [open, setOpen] = useState<NoticeChannel | "new" | null>(null);
  return (
    <Section id="project-channels" title="Messages to your team">
      <p className="soft">
        What waits, fails or has to be connected again, in a channel of Slack, Teams or Discord, or by e-mail. What you
        yourself are notified of is chosen in your account.
      </p>
      {list.error !== null && <ErrorNotice error={list.error} />}
      {list.isPending && <SkeletonRows rows={2} />}
      {list.rows.length > 0 && (
        <ul className="channels">
          {list.rows.map((channel) => (
            <ChannelRow
              key={channel.id}
              environment={environment}
              channel={channel}
              mayWrite={mayWrite}
              queryKey={queryKey}
              onOpen={() => setOpen(channel)}
            />
          ))}
        </ul>
      )}
      {list.hasMore && (
        <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
          Show more
        </Button>
      )}
      {mayWrite && !list.isPending && (
        <div>
          <Button onPress={() => setOpen("new")}>
            <Plus aria-hidden /> Add a channel
          </Button>
        </div>
      )}
      {!mayWrite && list.rows.length === 0 && !list.isPending && <p className="soft">There are none.</p>}
      {open !== null && (
        <ChannelDialog
          environment={environment}
          projectId={project.id}
          channel={open === "new" ? null : open}
          queryKey={queryKey}
          onClose={() => setOpen(null)}
        />
      )}
    </Section>
  );
}

interface ChannelRowProps {
  readonly environment: Environment;
  readonly channel: NoticeChannel;
  readonly mayWrite: boolean;
  readonly queryKey: readonly unknown[];
  readonly onOpen: () => void;
}

function ChannelRow({ environment, channel, mayWrite, queryKey, onOpen }: ChannelRowProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const { channels } = clientOf(environment);
  const { label, icon: Icon } = kindOf(channel.kind);
  const { id: channelId } = channel;
  const options = {
    onError: (error: Error) => toastError(messageOf(error)),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  };
  const test = useMutation({
    mutationFn: () => channels.sendTest({ channelId }),
    onSuccess: () => toast(`A test message is on its way to ${label}.`),
    ...options,
  });
  const resume = useMutation({
    mutationFn: () => channels.update({ channelId, status: "active" }),
    onSuccess: () => toast("The channel gets messages again."),
    ...options,
  });
  const remove = useMutation({ mutationFn: () => channels.delete({ channelId }), ...options });
  const name = `${label} · ${channel.target}`;
  return (
    <li className="channel">
      <Icon aria-hidden />
      <div className="channel-what">
        <p className="cut">
          <strong>{label}</strong> <span className="soft">{channel.target}</span>
        </p>
        <p className="soft small">
          {channel.events.length} {channel.events.length === 1 ? "kind" : "kinds"} of messages
        </p>
        {channel.pausedReason !== null && (
          <p className="small">
            <Badge tone="warn">Paused</Badge> {CHANNEL_PAUSES[channel.pausedReason]}
          </p>
        )}
      </div>
      {mayWrite && (
        <div className="channel-acts">
          {channel.pausedReason !== null && (
            <Button isPending={resume.isPending} onPress={() => resume.mutate()}>
              Resume
            </Button>
          )}
          <Button kind="quiet" isPending={test.isPending} aria-label={`Test ${name}`} onPress={() => test.mutate()}>
            Test
          </Button>
          <Button kind="quiet" aria-label={`Edit ${name}`} onPress={onOpen}>
            Edit
          </Button>
          <Button kind="quiet" aria-label={`Remove ${name}`} onPress={() => setAsking(true)}>
            Remove
          </Button>
        </div>
      )}
      {isAsking && (
        <ConfirmDialog
          title="Remove this channel?"
          action="Remove the channel"
          isPending={remove.isPending}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>It gets no more messages. What was sent stays there.</p>
        </ConfirmDialog>
      )}
    </li>
  );
}
