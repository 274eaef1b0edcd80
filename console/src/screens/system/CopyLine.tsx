import { CopyButton } from "../../ui/CopyButton";

interface CopyLineProps {
  readonly text: string;
  /** What is copied, for example "the redirect URI". */
  readonly what: string;
}

/** A command or an address, with the button that copies it. */
export function CopyLine({ text, what }: CopyLineProps) {
  return (
    <span className="copy-line">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}
