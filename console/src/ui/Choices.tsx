import { ListBox, ListBoxItem, Popover, Text } from "react-aria-components";
import "./menu.css";
import type { OverlayPlace } from "./Overlay";
import type { Choice } from "./Select";

interface ChoicesProps {
  readonly label: string;
  readonly choices: readonly Choice<string>[];
  readonly value: string | null;
  readonly place: OverlayPlace;
  readonly onChoose: (id: string) => void;
}

/** The list of a select. Choosing the same again closes it, too. */
export default function Choices({ label, choices, value, place, onChoose }: ChoicesProps) {
  return (
    <Popover className="popover" {...place}>
      <ListBox
        className="menu"
        aria-label={label}
        items={choices}
        selectionMode="single"
        disallowEmptySelection
        selectedKeys={value === null ? [] : [value]}
        autoFocus={value === null ? "first" : true}
        shouldFocusOnHover
        onSelectionChange={(keys) => {
          if (keys !== "all") for (const key of keys) onChoose(String(key));
        }}
      >
        {(choice) => (
          <ListBoxItem
            className="menu-item"
            id={choice.id}
            textValue={choice.label}
            isDisabled={choice.isDisabled ?? false}
            onPress={() => place.onOpenChange(false)}
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
  );
}
