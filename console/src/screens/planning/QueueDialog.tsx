import { parseAbsolute, parseDate, toCalendarDate } from "@internationalized/date";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project, Queue } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { accountName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { queuesKey } from "../../queues/queries";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { CheckboxList } from "../../ui/CheckboxList";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Fold } from "../../ui/Fold";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { ZoneField } from "../projects/ZoneField";
import "../projects/projects.css";
import { bodyOf, fieldsOf, problemOf, type QueueFields } from "./queueFields";
import { RefillFields } from "./RefillFields";
import { WeekSlots } from "./WeekSlots";

const SHOWN = ["name", "timezone", "slots", "jitterMinutes", "pausedUntil", "refill.label", "refill.cooldownDays"];

interface QueueDialogProps {
  readonly environment: Environment;
  readonly project: Project;
  /** Null: a new one. */
  readonly queue: Queue | null;
  readonly onClose: () => void;
}

/** Makes or changes a queue: its times, whose posts it takes, and what fills what stays free. */
export default function QueueDialog({ environment, project, queue, onClose }: QueueDialogProps) {
  const queries = useQueryClient();
  const [fields, setFields] = useState<QueueFields>(() =>
    fieldsOf(queue, project.timezone, (at) =>
      toCalendarDate(parseAbsolute(at, queue?.timezone ?? project.timezone)).toString(),
    ),
  );
  const set = (change: Partial<QueueFields>) => setFields((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: (): Promise<unknown> => {
      const body = bodyOf(fields, (day) => parseDate(day).toDate(fields.timezone).toISOString());
      const { queues } = clientOf(environment);
      return queue === null
        ? queues.create({ projectId: project.id, ...body })
        : queues.update({ queueId: queue.id, ...body });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: queuesKey(environment) });
      toast(queue === null ? "The queue is there." : "Saved. Posts that are planned stay where they are.");
      onClose();
    },
  });
  const issues = issuesOf(save.error);
  const problem = problemOf(fields);
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title={queue === null ? "New queue" : `Edit ${queue.name}`}
      actions={
        <>
          {problem !== null && <span className="soft small planning-problem">{problem}</span>}
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={problem !== null} isPending={save.isPending} onPress={() => save.mutate()}>
            {queue === null ? "Create the queue" : "Save"}
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={SHOWN} />
      <TextField
        label="Name"
        value={fields.name}
        onChange={(name) => set({ name })}
        placeholder="Mornings"
        error={issues["name"]}
        autoFocus={queue === null}
      />
      <WeekSlots slots={fields.slots} onChange={(slots) => set({ slots })} error={issues["slots"]} />
      <Accounts
        environment={environment}
        projectId={project.id}
        value={fields.socialAccountIds}
        onChange={(socialAccountIds) => set({ socialAccountIds })}
      />
      <Checkbox
        isSelected={fields.isDefault}
        isDisabled={queue?.isDefault === true}
        onChange={(isDefault) => set({ isDefault })}
      >
        The default queue of the project
      </Checkbox>
      <RefillFields {...{ environment, projectId: project.id, fields, issues, set }} />
      <Fold
        title="More"
        aside="time zone, pause, a little later"
        isOpen={fields.pausedUntil !== "" || fields.jitterMinutes !== "0"}
      >
        <ZoneField value={fields.timezone} onChange={(timezone) => set({ timezone })} error={issues["timezone"]} />
        <label className="field">
          <span className="small planning-label">Paused until</span>
          <input
            type="date"
            className="input"
            value={fields.pausedUntil}
            onChange={({ target }) => set({ pausedUntil: target.value })}
          />
          <span className="soft small">Until then, new posts get later times. What is planned stays.</span>
          {issues["pausedUntil"] !== undefined && <span className="error">{issues["pausedUntil"]}</span>}
        </label>
        <TextField
          label="Up to so many minutes later"
          inputMode="numeric"
          value={fields.jitterMinutes}
          onChange={(jitterMinutes) => set({ jitterMinutes })}
          description="From 0 to 30. Each post goes out some minutes after its time, so that it does not look like clockwork."
          error={issues["jitterMinutes"]}
        />
      </Fold>
    </Dialog>
  );
}

interface AccountsProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly value: readonly string[] | null;
  readonly onChange: (value: readonly string[] | null) => void;
}

/** Whose posts the queue takes. */
function Accounts({ environment, projectId, value, onChange }: AccountsProps) {
  const accounts =
    useQuery(accountsQuery(environment)).data?.filter((account) => account.projectId === projectId) ?? [];
  return (
    <>
      <Checkbox
        isSelected={value === null}
        onChange={(isAll) => onChange(isAll ? null : accounts.map(({ socialAccountId }) => socialAccountId))}
      >
        For all accounts of the project
      </Checkbox>
      {value !== null && (
        <CheckboxList
          label="For these accounts"
          choices={accounts.map(({ socialAccountId, platform, handle }) => ({
            value: socialAccountId,
            label: accountName(platform, handle),
          }))}
          value={value}
          onChange={onChange}
        />
      )}
    </>
  );
}
