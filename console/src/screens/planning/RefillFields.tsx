import { useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { useId } from "react";
import { labelsQuery } from "../../labels/queries";
import { Checkbox } from "../../ui/Checkbox";
import { TextField } from "../../ui/TextField";
import type { QueueFields } from "./queueFields";

interface RefillFieldsProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly fields: QueueFields;
  readonly issues: Readonly<Record<string, string>>;
  readonly set: (change: Partial<QueueFields>) => void;
}

/** What fills times that stay free: content with a label, the one that was used longest ago first. */
export function RefillFields({ environment, projectId, fields, issues, set }: RefillFieldsProps) {
  const id = useId();
  const labels = useQuery({ ...labelsQuery(environment, projectId), enabled: fields.isRefilled });
  return (
    <>
      <Checkbox isSelected={fields.isRefilled} onChange={(isRefilled) => set({ isRefilled })}>
        Fill free times with content that can go out again
      </Checkbox>
      {fields.isRefilled && (
        <div className="refill-fields">
          <div className="field">
            <label htmlFor={id}>Content with this label</label>
            <input
              id={id}
              className="input"
              list={`${id}labels`}
              value={fields.refillLabel}
              onChange={({ target }) => set({ refillLabel: target.value })}
              placeholder="evergreen"
            />
            <datalist id={`${id}labels`}>
              {(labels.data ?? []).map(({ label }) => (
                <option key={label} value={label} />
              ))}
            </datalist>
            {issues["refill.label"] !== undefined && <span className="error">{issues["refill.label"]}</span>}
          </div>
          <TextField
            label="Not again for so many days"
            inputMode="numeric"
            value={fields.cooldownDays}
            onChange={(cooldownDays) => set({ cooldownDays })}
            error={issues["refill.cooldownDays"]}
          />
          <TextField
            label="At most so many times"
            inputMode="numeric"
            placeholder="any number"
            value={fields.maximumUses}
            onChange={(maximumUses) => set({ maximumUses })}
            error={issues["refill.maximumUses"]}
          />
        </div>
      )}
    </>
  );
}
