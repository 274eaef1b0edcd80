import { Check, ChevronDown, Search } from "lucide-react";
import type { ReactNode } from "react";
import {
  Autocomplete,
  Input,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  SearchField,
  useFilter,
} from "react-aria-components";
import { Button } from "../../ui/Button";
import "../../ui/field.css";
import "../../ui/menu.css";
import "../../ui/search-field.css";

const SEARCHABLE_FROM = 8;

export interface FilterChoice {
  readonly id: string;
  readonly label: string;
  readonly icon?: ReactNode;
}

interface FilterMenuProps {
  readonly label: string;
  readonly choices: readonly FilterChoice[];
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
  readonly isMultiple?: boolean;
}

/** A filter: its button names what it is set to, its menu sets it. A long menu can be searched. */
export function FilterMenu({ label, choices, value, onChange, isMultiple = false }: FilterMenuProps) {
  const { contains } = useFilter({ sensitivity: "base" });
  const isSet = value.length > 0;
  const names = value.map((id) => choices.find((choice) => choice.id === id)?.label ?? "…");
  const menu = (
    <Menu
      className="menu"
      aria-label={label}
      items={choices}
      selectionMode={isMultiple ? "multiple" : "single"}
      selectedKeys={value}
      onSelectionChange={(keys) => onChange(keys === "all" ? [] : [...keys].map(String))}
      renderEmptyState={() => <p className="soft small filter-none">Nothing found</p>}
    >
      {(choice) => (
        <MenuItem className="menu-item filter-choice" id={choice.id} textValue={choice.label}>
          {({ isSelected }) => (
            <>
              {choice.icon}
              <span className="cut">{choice.label}</span>
              {isSelected && <Check aria-hidden className="filter-check" />}
            </>
          )}
        </MenuItem>
      )}
    </Menu>
  );
  return (
    <MenuTrigger>
      <Button kind={isSet ? "plain" : "quiet"}>
        {isSet ? `${label}: ${names[0]}${names.length > 1 ? ` +${names.length - 1}` : ""}` : label}
        <ChevronDown aria-hidden />
      </Button>
      <Popover className="popover" placement="bottom start">
        {choices.length < SEARCHABLE_FROM ? (
          menu
        ) : (
          <Autocomplete filter={contains}>
            <SearchField className="search-field filter-search" aria-label={`Search: ${label}`} autoFocus>
              <Search aria-hidden />
              <Input className="input" placeholder="Search" />
            </SearchField>
            {menu}
          </Autocomplete>
        )}
      </Popover>
    </MenuTrigger>
  );
}
