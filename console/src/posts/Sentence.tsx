import { Time } from "../ui/Time";

const INSTANT = /(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| UTC))/;

interface SentenceProps {
  readonly text: string;
  readonly zone: string;
}

/** A text of the API, with its instants as times of the project. */
export function Sentence({ text, zone }: SentenceProps) {
  return text
    .split(INSTANT)
    .map((part, at) => (at % 2 === 1 ? <Time key={part} at={isoOf(part)} zone={zone} /> : part));
}

/** "2026-11-24 18:30:05 UTC", as people read it in other programs, as ISO 8601. */
function isoOf(instant: string): string {
  return instant.replace(" UTC", "Z").replace(" ", "T");
}
