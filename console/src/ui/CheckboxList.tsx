import { CheckboxGroup, Label } from "react-aria-components";
import { Checkbox } from "./Checkbox";
import "./checkbox-list.css";

interface CheckboxListProps<V extends string> {
  readonly label: string;
  readonly choices: readonly { readonly value: V; readonly label: string }[];
  readonly value: readonly V[];
  readonly onChange: (value: readonly V[]) => void;
}

/** Any number of several choices. */
export function CheckboxList<V extends string>({ label, choices, value, onChange }: CheckboxListProps<V>) {
  const change = (names: string[]) =>
    onChange(choices.map((choice) => choice.value).filter((name) => names.includes(name)));
  return (
    <CheckboxGroup className="field checkbox-list" value={[...value]} onChange={change}>
      <Label>{label}</Label>
      <div>
        {choices.map((choice) => (
          <Checkbox key={choice.value} value={choice.value}>
            {choice.label}
          </Checkbox>
        ))}
      </div>
    </CheckboxGroup>
  );
}
