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
  const change = (changed: V, isSelected: boolean) =>
    onChange(
      choices.map((choice) => choice.value).filter((one) => (one === changed ? isSelected : value.includes(one))),
    );
  return (
    <fieldset className="field checkbox-list">
      <legend>{label}</legend>
      <div>
        {choices.map((choice) => (
          <Checkbox
            key={choice.value}
            isSelected={value.includes(choice.value)}
            onChange={(isSelected) => change(choice.value, isSelected)}
          >
            {choice.label}
          </Checkbox>
        ))}
      </div>
    </fieldset>
  );
}
