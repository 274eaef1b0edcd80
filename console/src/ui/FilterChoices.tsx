import { Check, Search } from "lucide-react";
import { Autocomplete, Input, Menu, MenuItem, Popover, SearchField, useFilter } from "react-aria-components";
import "./field.css";
import "./filter-choices.css";
import type { FilterMenuProps } from "./FilterMenu";
import "./menu.css";
import type { OverlayPlace } from "./Overlay";
import "./search-field.css";

const SEARCHABLE_FROM = 8;

interface FilterChoicesProps extends FilterMenuProps {
  readonly place: OverlayPlace;
}

/** What a filter can be set to. */
export default function FilterChoices({ place, ...props }: FilterChoicesProps) {
  const { label, choices, value, onChange, isMultiple = false } = props;
  const { contains } = useFilter({ sensitivity: "base" });
  const isShort = choices.length < SEARCHABLE_FROM;
  const menu = (
    <Menu
      className="menu"
      aria-label={label}
      items={choices}
      {...(isShort && { autoFocus: "first" as const })}
      selectionMode={isMultiple ? "multiple" : "single"}
      selectedKeys={value}
      onSelectionChange={(keys) => onChange(keys === "all" ? [] : [...keys].map(String))}
      onClose={() => isMultiple || place.onOpenChange(false)}
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
    <Popover className="popover" placement="bottom start" {...place}>
      {isShort ? (
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
  );
}
