import { TextQuote } from "lucide-react";
import type { Environment } from "presswork-client";
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { TextField } from "../ui/TextField";
import { inserted, type Place, slashBefore } from "./insert";

const load = () => import("./SnippetMenu");
const SnippetMenu = lazy(load);

interface SnippetFieldProps {
  readonly environment: Environment;
  readonly projectId: string | null;
  readonly label: string;
  readonly rows: number;
  readonly placeholder?: string;
  readonly value: string;
  readonly description: ReactNode;
  readonly onChange: (text: string) => void;
  /** What stands beside the button that inserts a snippet. */
  readonly children?: ReactNode;
}

/** A text into which snippets and variables are inserted: from a menu, which a slash at the beginning of a word opens, too. */
export function SnippetField({ environment, projectId, children, onChange, ...field }: SnippetFieldProps) {
  const area = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [place, setPlace] = useState<Place | null>(null);
  const type = (text: string) => {
    const isLonger = text.length > field.value.length;
    onChange(text);
    const slash = isLonger ? slashBefore(text, area.current?.selectionStart ?? 0) : null;
    if (slash !== null) setPlace(slash);
  };
  const close = (caret: number) => {
    setPlace(null);
    // Once the menu is gone, which had the focus.
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(caret, caret);
    });
  };
  const insert = (snippet: string) => {
    if (place === null) return;
    const { text, caret } = inserted(field.value, place, snippet);
    onChange(text);
    close(caret);
  };
  return (
    <>
      <TextField ref={area} {...field} onChange={type} />
      <div className="writing-more">
        {projectId !== null && (
          <Button
            ref={button}
            kind="quiet"
            aria-haspopup="menu"
            onPointerEnter={() => void load().catch(() => undefined)}
            onPress={() => {
              const { selectionStart: start, selectionEnd: end } = area.current ?? {
                selectionStart: 0,
                selectionEnd: 0,
              };
              setPlace({ start: start ?? field.value.length, end: end ?? field.value.length });
            }}
          >
            <TextQuote aria-hidden /> Snippets
          </Button>
        )}
        {children}
      </div>
      {place !== null && projectId !== null && (
        <Suspense>
          <SnippetMenu {...{ environment, projectId, button }} onInsert={insert} onClose={() => close(place.end)} />
        </Suspense>
      )}
    </>
  );
}
