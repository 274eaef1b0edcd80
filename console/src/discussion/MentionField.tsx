import { useQuery } from "@tanstack/react-query";
import type { Environment } from "presswork-client";
import { type KeyboardEvent, type RefObject, useId, useLayoutEffect, useRef, useState } from "react";
import { assigneesQuery } from "../comments/queries";
import { begunName, type Person, suggestedFor, withName } from "./mentions";

interface MentionFieldProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly maxLength: number;
  readonly onChange: (text: string) => void;
  /** Ctrl+Enter. */
  readonly onSend: () => void;
  readonly field: RefObject<HTMLTextAreaElement | null>;
}

/** A text in which @ suggests those who see the project: arrows choose, Enter or Tab takes, Escape closes. */
export function MentionField(props: MentionFieldProps) {
  const { environment, projectId, label, placeholder, value, maxLength, onChange, onSend, field } = props;
  const id = useId();
  const [cursor, setCursor] = useState(value.length);
  const [chosen, setChosen] = useState(0);
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const next = useRef<number | null>(null);
  const begun = begunName(value, cursor);
  const people = useQuery({ ...assigneesQuery(environment, projectId), enabled: begun !== null }).data ?? [];
  const suggested = begun === null || closedAt === value ? [] : suggestedFor(begun, people);
  const isOpen = suggested.length > 0;
  const place = Math.min(chosen, suggested.length - 1);
  useLayoutEffect(() => {
    if (next.current === null) return;
    field.current?.setSelectionRange(next.current, next.current);
    next.current = null;
  });
  const take = (person: Person) => {
    const completed = withName(value, cursor, person);
    next.current = completed.cursor;
    setCursor(completed.cursor);
    setChosen(0);
    onChange(completed.text);
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing) return;
    const person = suggested[place];
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onSend();
    else if (person !== undefined && (event.key === "Enter" || event.key === "Tab")) take(person);
    else if (isOpen && event.key === "ArrowDown") setChosen((place + 1) % suggested.length);
    else if (isOpen && event.key === "ArrowUp") setChosen((place + suggested.length - 1) % suggested.length);
    else if (isOpen && event.key === "Escape") setClosedAt(value);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="mention-field">
      <textarea
        ref={field}
        className="input area"
        rows={3}
        aria-label={label}
        aria-autocomplete="list"
        aria-controls={isOpen ? `${id}people` : undefined}
        aria-activedescendant={isOpen ? `${id}${place}` : undefined}
        value={value}
        maxLength={maxLength}
        placeholder={placeholder}
        onChange={({ target }) => {
          onChange(target.value);
          setCursor(target.selectionStart);
          setChosen(0);
        }}
        onSelect={({ currentTarget }) => setCursor(currentTarget.selectionStart)}
        onBlur={() => setClosedAt(value)}
        onFocus={() => setClosedAt(null)}
        onKeyDown={onKeyDown}
      />
      {isOpen && (
        <div className="suggested" id={`${id}people`} role="listbox" aria-label="People">
          {suggested.map((person, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the field, which keeps the focus
            <div
              key={person.id}
              id={`${id}${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === place}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(person)}
            >
              {person.name}
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
