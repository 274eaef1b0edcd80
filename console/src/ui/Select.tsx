import { ChevronsUpDown } from "lucide-react";
import { type ComponentProps, lazy, type ReactNode, use, useId } from "react";
import { TriggerContext } from "./Button";
import "./field.css";
import { Overlay } from "./Overlay";

const load = () => import("./Choices");
const Choices = lazy(load);

export interface Choice<K extends string> {
  readonly id: K;
  readonly label: string;
  readonly description?: string;
  readonly icon?: ReactNode;
  /** Shown and not to be chosen; `description` says why. */
  readonly isDisabled?: boolean;
}

interface SelectProps<K extends string> {
  readonly label: string;
  /** The label is read out and not shown. */
  readonly isLabelHidden?: boolean;
  readonly choices: readonly Choice<K>[];
  readonly value: K | null;
  readonly onChange: (value: K) => void;
  readonly placeholder?: string;
  readonly description?: ReactNode;
  readonly error?: string | undefined;
  readonly isDisabled?: boolean;
}

/** One of several choices, which are made when it is opened. */
export function Select<K extends string>(props: SelectProps<K>) {
  const { label, choices, value, onChange, description, error } = props;
  const id = useId();
  const chosen = choices.find((choice) => choice.id === value);
  const described = [description !== undefined && `${id}description`, error !== undefined && `${id}error`];
  return (
    <div className="field">
      <label
        id={`${id}label`}
        htmlFor={`${id}button`}
        className={props.isLabelHidden ? "visually-hidden" : "react-aria-Label"}
      >
        {label}
      </label>
      <Overlay
        kind="listbox"
        load={load}
        trigger={
          <SelectButton
            id={`${id}button`}
            aria-labelledby={`${id}value ${id}label`}
            aria-describedby={described.filter((one) => one !== false).join(" ")}
            aria-invalid={error !== undefined}
            disabled={props.isDisabled}
          >
            <span id={`${id}value`} className="cut">
              {chosen?.icon}
              {chosen?.label ?? props.placeholder ?? "Choose"}
            </span>
          </SelectButton>
        }
      >
        {(place) => (
          <Choices
            {...{ label, choices, place }}
            value={value}
            onChoose={(key) => {
              const found = choices.find((choice) => choice.id === key);
              if (found !== undefined) onChange(found.id);
            }}
          />
        )}
      </Overlay>
      {description !== undefined && (
        <span id={`${id}description`} className="description">
          {description}
        </span>
      )}
      {error !== undefined && (
        <span id={`${id}error`} className="error">
          {error}
        </span>
      )}
    </div>
  );
}

function SelectButton({ children, ...props }: Omit<ComponentProps<"button">, "className">) {
  return (
    <button type="button" {...use(TriggerContext)} {...props} className="input select-value">
      {children}
      <ChevronsUpDown aria-hidden />
    </button>
  );
}
