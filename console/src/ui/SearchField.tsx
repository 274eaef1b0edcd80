import { Search } from "lucide-react";
import { SearchField as AriaSearchField, Input, Label } from "react-aria-components";
import "./field.css";
import "./search-field.css";

interface SearchFieldProps {
  readonly label: string;
  /** What is searched for now. */
  readonly value: string;
  /** Called with Enter, and with an empty text when the field is cleared. */
  readonly onSearch: (text: string) => void;
}

/** A field that searches with Enter; Escape clears it. */
export function SearchField({ label, value, onSearch }: SearchFieldProps) {
  return (
    <AriaSearchField
      key={value}
      className="search-field"
      defaultValue={value}
      onSubmit={onSearch}
      onClear={() => onSearch("")}
    >
      <Label className="visually-hidden">{label}</Label>
      <Search aria-hidden />
      <Input className="input" placeholder={label} />
    </AriaSearchField>
  );
}
