import { ChevronsUpDown } from "lucide-react";
import { useMemo } from "react";
import { ComboBox, FieldError, Group, Input, Label, ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import { SlotButton } from "../../ui/SlotButton";
import "../../ui/field.css";
import "../../ui/menu.css";
import { useNow } from "../../ui/useNow";
import { refusedBy } from "../../ui/validation";
import type { ZoneFieldProps } from "./ZoneField";
import { timeOfDay, timeSentence, zoneLabel, zoneNames } from "./zones";

/** A time zone, found by a part of its name; it takes the focus from the field in whose place it comes. */
export default function ZoneBox({ value, onChange, error, isDisabled = false }: ZoneFieldProps) {
  const now = useNow();
  const zones = useMemo(() => zoneNames(value).map((id) => ({ id, label: zoneLabel(id) })), [value]);
  const time = timeOfDay(value, now);
  return (
    <ComboBox
      className="field"
      defaultItems={zones}
      selectedKey={value}
      onSelectionChange={(key) => key !== null && onChange(String(key))}
      {...refusedBy(error)}
      isDisabled={isDisabled}
    >
      <Label>Time zone</Label>
      <Group className="input zone-field">
        <Input className="zone-input" autoFocus />
        <SlotButton>
          <ChevronsUpDown aria-hidden />
        </SlotButton>
      </Group>
      {time !== null && (
        <Text slot="description" className="description">
          {timeSentence(time)}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
      <Popover className="popover">
        <ListBox className="menu" items={zones}>
          {(zone) => (
            <ListBoxItem className="menu-item" id={zone.id} textValue={zone.label}>
              {zone.label}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
