import { ChevronsUpDown } from "lucide-react";
import type { Key, ReactNode } from "react";
import {
  Select as AriaSelect,
  Button,
  FieldError,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  SelectValue,
  Text,
} from "react-aria-components";
import "./field.css";
import "./menu.css";
import { refusedBy } from "./validation";

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

/** One of several choices. */
export function Select<K extends string>(props: SelectProps<K>) {
  const select = (key: Key | null) => {
    const chosen = props.choices.find((choice) => choice.id === key);
    if (chosen !== undefined) props.onChange(chosen.id);
  };
  return (
    <AriaSelect
      className="field"
      selectedKey={props.value}
      onSelectionChange={select}
      placeholder={props.placeholder ?? "Choose"}
      {...refusedBy(props.error)}
      isDisabled={props.isDisabled ?? false}
    >
      <Label className={props.isLabelHidden ? "visually-hidden" : "react-aria-Label"}>{props.label}</Label>
      <Button className="input select-value">
        <SelectValue className="cut" />
        <ChevronsUpDown aria-hidden />
      </Button>
      {props.description !== undefined && (
        <Text slot="description" className="description">
          {props.description}
        </Text>
      )}
      <FieldError className="error">{props.error}</FieldError>
      <Popover className="popover">
        <ListBox className="menu" items={props.choices}>
          {(choice) => (
            <ListBoxItem
              className="menu-item"
              id={choice.id}
              textValue={choice.label}
              isDisabled={choice.isDisabled ?? false}
            >
              {choice.icon}
              <span>
                <Text slot="label">{choice.label}</Text>
                {choice.description !== undefined && (
                  <Text slot="description" className="soft small">
                    {choice.description}
                  </Text>
                )}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
