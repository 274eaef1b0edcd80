import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ChannelKind, Environment, NoticeChannel, NoticeType } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { NOTICES } from "../../notices/events";
import { Button } from "../../ui/Button";
import { CheckboxList } from "../../ui/CheckboxList";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { CHANNEL_KINDS, kindOf, USUAL_EVENTS } from "./channelKinds";

/** All but the one that is about a single person. */
const EVENTS = (Object.keys(NOTICES) as NoticeType[])
  .filter((value) => value !== "content.mentioned")
  .map((value) => ({ value, label: NOTICES[value].label }));

interface ChannelDialogProps {
  readonly environment: Environment;
  readonly projectId: string;
  /** null: a new one. */
  readonly channel: NoticeChannel | null;
  readonly queryKey: readonly unknown[];
  readonly onClose: () => void;
}

/** The form of a channel. The URL of an existing one is a secret, which is only replaced. */
export function ChannelDialog({ environment, projectId, channel, queryKey, onClose }: ChannelDialogProps) {
  const queries = useQueryClient();
  const [kindId, setKindId] = useState<ChannelKind>(channel?.kind ?? "slack");
  const [address, setAddress] = useState("");
  const [events, setEvents] = useState<readonly NoticeType[]>(channel?.events ?? USUAL_EVENTS);
  const kind = kindOf(kindId);
  const save = useMutation({
    mutationFn: async () => {
      const { channels } = clientOf(environment);
      const where = kindId === "email" ? { address: address.trim() } : { url: address.trim() };
      const given = address.trim() === "" ? {} : where;
      if (channel !== null) await channels.update({ channelId: channel.id, ...given, events });
      else await channels.create({ projectId, kind: kindId, ...where, events });
    },
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  const issues = issuesOf(save.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={channel === null ? "Add a channel" : `Messages to ${kind.label}`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={events.length === 0 || (channel === null && address.trim() === "")}
            onPress={() => save.mutate()}
          >
            {channel === null ? "Add" : "Save"}
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={["url", "address"]} />
      {channel === null && (
        <Select
          label="Where to"
          choices={CHANNEL_KINDS.map(({ id, label }) => ({ id, label }))}
          value={kindId}
          onChange={setKindId}
        />
      )}
      <TextField
        label={channel === null ? kind.field : `New ${kind.field.toLowerCase().replace("url", "URL")}`}
        type={kindId === "email" ? "email" : "url"}
        value={address}
        onChange={setAddress}
        placeholder={kind.placeholder}
        description={channel === null ? kind.guide : "Empty: it stays as it is."}
        error={issues["url"] ?? issues["address"]}
      />
      <CheckboxList label="Messages about" choices={EVENTS} value={events} onChange={setEvents} />
    </Dialog>
  );
}
