import { Search } from "lucide-react";
import { useState } from "react";
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

/** A field that searches with Enter; Escape clears it. It keeps what is typed on while its own search is on its way. */
export function SearchField({ label, value, onSearch }: SearchFieldProps) {
  const [text, setText] = useState(value);
  const [known, setKnown] = useState({ value, asked: value });
  if (value !== known.value) {
    setKnown({ value, asked: value });
    if (value !== known.asked) setText(value);
  }
  const search = (asked: string) => {
    setKnown({ ...known, asked });
    onSearch(asked);
  };
  return (
    <AriaSearchField
      className="search-field"
      value={text}
      onChange={setText}
      onSubmit={search}
      onClear={() => search("")}
    >
      <Label className="visually-hidden">{label}</Label>
      <Search aria-hidden />
      <Input className="input" placeholder={label} />
    </AriaSearchField>
  );
}
