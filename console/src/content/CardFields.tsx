import { TextField } from "../ui/TextField";
import type { LinkTexts } from "./links";

interface CardFieldsProps {
  readonly link: LinkTexts;
  /** What is wrong, by the field as the API names it: `link.title`. */
  readonly issues?: Readonly<Record<string, string>>;
  readonly onChange: (change: Partial<LinkTexts>) => void;
}

/** What a card says instead of its page. */
export function CardFields({ link, issues = {}, onChange }: CardFieldsProps) {
  return (
    <>
      <TextField
        label="Title of the card"
        value={link.title}
        onChange={(title) => onChange({ title })}
        error={issues["link.title"]}
      />
      <TextField
        label="Description of the card"
        rows={2}
        value={link.description}
        onChange={(description) => onChange({ description })}
        error={issues["link.description"]}
      />
      <TextField
        label="Picture of the card"
        type="url"
        inputMode="url"
        placeholder="https://"
        value={link.imageUrl}
        onChange={(imageUrl) => onChange({ imageUrl })}
        description="The address of a JPEG, PNG or WebP. Facebook and Threads read the page themselves, and show what it says."
        error={issues["link.imageUrl"]}
      />
    </>
  );
}
