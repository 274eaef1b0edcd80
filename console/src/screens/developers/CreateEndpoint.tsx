import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, EventType } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { CheckboxList } from "../../ui/CheckboxList";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { EVENTS } from "./events";

interface CreateEndpointProps {
  readonly environment: Environment;
  readonly onClose: () => void;
  readonly onCreated: (signingSecret: string) => void;
}

/** The form for a new webhook endpoint. */
export function CreateEndpoint({ environment, onClose, onCreated }: CreateEndpointProps) {
  const queries = useQueryClient();
  const [url, setUrl] = useState("");
  const [description, setDescription] = useState("");
  const [events, setEvents] = useState<readonly EventType[]>(["post.published", "post.failed"]);
  const create = useMutation({
    mutationFn: () =>
      clientOf(environment).webhooks.createEndpoint({ url, events, ...(description && { description }) }),
    onSuccess: async ({ signingSecret }) => {
      onClose();
      onCreated(signingSecret);
      await queries.invalidateQueries({ queryKey: [environment, "endpoints"] });
    },
  });
  const issues = issuesOf(create.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New endpoint"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={create.isPending}
            isDisabled={url === "" || events.length === 0}
            onPress={() => create.mutate()}
          >
            Create the endpoint
          </Button>
        </>
      }
    >
      <ErrorNotice error={create.error} fields={["url", "description"]} />
      <TextField
        label="Address"
        type="url"
        value={url}
        onChange={setUrl}
        placeholder="https://example.com/presswork"
        error={issues["url"]}
        autoFocus
      />
      <TextField label="Description" value={description} onChange={setDescription} error={issues["description"]} />
      <CheckboxList label="Events" choices={EVENTS} value={events} onChange={setEvents} />
    </Dialog>
  );
}
