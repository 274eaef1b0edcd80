import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { Environment } from "presswork-client";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { Button } from "../ui/Button";
import "../ui/field.css";
import { Labels } from "./Labels";
import { MAX_LABEL_CHARACTERS, MAX_LABELS, withLabels } from "./labels";
import { labelsQuery } from "./queries";

interface LabelsFieldProps {
  readonly environment: Environment;
  /** Whose labels are suggested. */
  readonly projectId: string | undefined;
  readonly value: readonly string[];
  readonly onChange: (labels: readonly string[]) => void;
  readonly error?: string | undefined;
}

/** Labels as chips. Enter or a comma adds what is typed; Backspace in the empty field takes the last one away. */
export default function LabelsField({ environment, projectId, value, onChange, error }: LabelsFieldProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const known = useQuery({ ...labelsQuery(environment, projectId), enabled: projectId !== undefined });
  const suggested = (known.data ?? []).map(({ label }) => label).filter((label) => !value.includes(label));
  const add = (added: string) => {
    setText("");
    if (added.trim() !== "") onChange(withLabels(value, added));
  };
  const type = (typed: string, isChosen: boolean) => (typed.includes(",") || isChosen ? add(typed) : setText(typed));
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && text.trim() !== "") {
      event.preventDefault();
      event.stopPropagation(); // in a dialog, it does not press the main button
      add(text);
    } else if (event.key === "Backspace" && text === "") onChange(value.slice(0, -1));
  };
  const remove = (label: string) => {
    onChange(value.filter((one) => one !== label));
    field.current?.focus();
  };
  return (
    <div className="field">
      <label htmlFor={id}>Labels</label>
      <div className="input labels-input">
        <Labels labels={value}>
          {(label) => (
            <Button kind="quiet" isIcon aria-label={`Take the label ${label} away`} onPress={() => remove(label)}>
              <X aria-hidden />
            </Button>
          )}
        </Labels>
        <input
          ref={field}
          id={id}
          list={`${id}suggested`}
          value={text}
          maxLength={MAX_LABEL_CHARACTERS}
          disabled={value.length >= MAX_LABELS}
          placeholder={value.length === 0 ? "To find it again, such as a campaign" : ""}
          aria-invalid={error !== undefined}
          onChange={({ target, nativeEvent }) => type(target.value, isSuggestion(nativeEvent))}
          onKeyDown={press}
          onBlur={() => add(text)}
        />
        <datalist id={`${id}suggested`}>
          {suggested.map((label) => (
            <option key={label} value={label} />
          ))}
        </datalist>
      </div>
      {error !== undefined && <span className="error">{error}</span>}
    </div>
  );
}

/** Whether a person has chosen one of the suggestions, in place of typing it. */
function isSuggestion(event: Event): boolean {
  return !(event instanceof InputEvent) || event.inputType === "insertReplacementText";
}
