import { Search } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import "./field.css";
import "./search-field.css";

interface SearchFieldProps {
  readonly label: string;
  /** What is searched for now. */
  readonly value: string;
  /** Called a moment after what was typed, at once with Enter, and with an empty text when the field is emptied. */
  readonly onSearch: (text: string) => void;
}

const PAUSE_MS = 200;

/** A field that searches what is typed; Escape clears it. It keeps what is typed on while its own search is on its way. */
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
  const latest = useRef(search);
  useEffect(() => {
    latest.current = search;
  });
  const typed = text.trim();
  const isAsked = typed === known.asked.trim();
  useEffect(() => {
    if (isAsked) return;
    const timer = setTimeout(() => latest.current(typed), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, isAsked]);
  return (
    <div className="search-field">
      <Search aria-hidden />
      <input
        type="search"
        className="input"
        aria-label={label}
        placeholder={label}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={({ key }) => {
          if (key === "Enter") search(text);
          if (key !== "Escape" || text === "") return;
          setText("");
          search("");
        }}
      />
    </div>
  );
}
