import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Recurrence, TargetParam } from "presswork-client";
import { type ReactNode, useState } from "react";
import { clientOf } from "../api/client";
import { issuesOf } from "../api/errors";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { ErrorNotice } from "../ui/ErrorNotice";
import { toast } from "../ui/toasts";
import { recurrencesKey } from "./queries";
import { RuleFields } from "./RuleFields";
import { datesOf, fieldsOf, firstRule, ruleParam, ruleSentence } from "./rule";

/** What is repeated: content that is there, to accounts. */
export interface Repeated {
  readonly containerId: string;
  readonly targets: readonly TargetParam[];
}

interface RepeatDialogProps {
  readonly environment: Environment;
  readonly zone: string;
  /** The one that is changed; null: a new one. */
  readonly recurrence: Recurrence | null;
  /** Returns what is repeated by a new one, once it is saved. Null: nothing is chosen yet. */
  readonly prepare: (() => Promise<Repeated>) | null;
  /** What stands above the rule, such as the choice of accounts. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
  readonly onDone?: (recurrence: Recurrence) => void;
}

const SHOWN = ["rule.every", "rule.monthDay", "until", "count"];

/** Makes a post go out again and again, or changes when it does. */
export default function RepeatDialog(props: RepeatDialogProps) {
  const { environment, recurrence, prepare, children, onClose, onDone } = props;
  const zone = recurrence?.timezone ?? props.zone;
  const queries = useQueryClient();
  const [rule, setRule] = useState(() => (recurrence === null ? firstRule(zone) : fieldsOf(recurrence, zone)));
  const save = useMutation({
    mutationFn: async (): Promise<Recurrence> => {
      const { recurrences } = clientOf(environment);
      const when = { ...ruleParam(rule, zone), timezone: zone };
      if (recurrence !== null) {
        return recurrences.update({ recurrenceId: recurrence.id, until: null, count: null, ...when });
      }
      if (prepare === null) throw new Error("Choose at least one account.");
      return recurrences.create({ ...(await prepare()), ...when });
    },
    onSuccess: (saved) => {
      for (const part of ["posts", "content", "calendar", recurrencesKey(environment)[1]]) {
        void queries.invalidateQueries({ queryKey: [environment, part] });
      }
      toast(recurrence === null ? `It repeats: ${ruleSentence(rule)}.` : "The series was changed.");
      onClose();
      onDone?.(saved);
    },
  });
  const isReady = datesOf(rule, zone, 1).length > 0 && (recurrence !== null || prepare !== null);
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title={recurrence === null ? "Repeat this post" : "Change the series"}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={!isReady} isPending={save.isPending} onPress={() => save.mutate()}>
            {recurrence === null ? "Repeat it" : "Save"}
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={SHOWN} />
      {children}
      <RuleFields
        rule={rule}
        zone={zone}
        issues={issuesOf(save.error)}
        onChange={(change) => setRule((before) => ({ ...before, ...change }))}
      />
    </Dialog>
  );
}
