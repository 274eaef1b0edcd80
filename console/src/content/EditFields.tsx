import type { Content, Environment } from "presswork-client";
import { MAX_CHARACTERS } from "../api/maxima";
import LabelsField from "../labels/LabelsField";
import { characters } from "../platforms/texts";
import { TextField } from "../ui/TextField";
import { CardFields } from "./CardFields";
import type { Texts } from "./edits";
import type { LinkTexts } from "./links";

interface EditFieldsProps {
  readonly environment: Environment;
  /** As it was when the form was opened. */
  readonly content: Content;
  readonly texts: Texts;
  /** What the API refused, by path. */
  readonly issues: Readonly<Record<string, string>>;
  readonly onChange: (change: Partial<Texts>) => void;
}

const LINK_PATHS = ["link", "link.url", "link.title", "link.description", "link.imageUrl"];
const partPath = (place: number) => `parts[${place}].text`;
const altTextPath = (position: number) => `media[${position}].altText`;

/** Returns the paths of all fields. */
export function pathsOf({ media, parts }: Content): readonly string[] {
  return [
    "caption",
    "firstComment",
    "labels",
    ...LINK_PATHS,
    ...(parts ?? []).map((_, place) => partPath(place)),
    ...media.map((_, position) => altTextPath(position)),
  ];
}

/** Whether a text is longer than content may have. */
export function isTooLong({ caption, firstComment, altTexts }: Texts): boolean {
  return (
    excessOf(caption, MAX_CHARACTERS.caption) !== undefined ||
    excessOf(firstComment, MAX_CHARACTERS.firstComment) !== undefined ||
    altTexts.some((text) => excessOf(text, MAX_CHARACTERS.altText) !== undefined)
  );
}

/** The texts of content: those of a thread, or its caption and link; its first comment; those for people who can't see its files. */
export function EditFields({ environment, content, texts, issues, onChange }: EditFieldsProps) {
  const setLink = (change: Partial<LinkTexts>) => onChange({ link: { ...texts.link, ...change } });
  const isText = content.mediaType === "text";
  const isThread = content.parts !== null;
  return (
    <>
      {texts.parts.map((text, place) => (
        <TextField
          // biome-ignore lint/suspicious/noArrayIndexKey: a part is known by its place
          key={place}
          label={`Part ${place + 1} of ${texts.parts.length}`}
          rows={3}
          value={text}
          onChange={(value) => onChange({ parts: texts.parts.with(place, value) })}
          error={issues[partPath(place)]}
        />
      ))}
      {!isThread && (
        <TextField
          label={isText ? "Text" : "Caption"}
          rows={6}
          description={countSentence(texts.caption, MAX_CHARACTERS.caption)}
          value={texts.caption}
          onChange={(caption) => onChange({ caption })}
          error={excessOf(texts.caption, MAX_CHARACTERS.caption) ?? issues["caption"]}
        />
      )}
      {isText && !isThread && (
        <>
          <TextField
            label="Link"
            type="url"
            inputMode="url"
            placeholder="https://"
            value={texts.link.url}
            onChange={(url) => setLink({ url })}
            error={issues["link"] ?? issues["link.url"]}
          />
          {texts.link.url.trim() !== "" && <CardFields link={texts.link} issues={issues} onChange={setLink} />}
        </>
      )}
      <TextField
        label="First comment"
        rows={2}
        value={texts.firstComment}
        onChange={(firstComment) => onChange({ firstComment })}
        error={excessOf(texts.firstComment, MAX_CHARACTERS.firstComment) ?? issues["firstComment"]}
      />
      {content.media.map(({ id }, position) => (
        <TextField
          key={id}
          label={content.media.length > 1 ? `Alternative text of picture ${position + 1}` : "Alternative text"}
          description="For people who can't see it."
          value={texts.altTexts[position] ?? ""}
          onChange={(text) => onChange({ altTexts: texts.altTexts.with(position, text) })}
          error={excessOf(texts.altTexts[position] ?? "", MAX_CHARACTERS.altText) ?? issues[altTextPath(position)]}
        />
      ))}
      <LabelsField
        environment={environment}
        projectId={content.projectId}
        value={texts.labels}
        onChange={(labels) => onChange({ labels })}
        error={issues["labels"]}
      />
    </>
  );
}

function countSentence(text: string, limit: number): string {
  return `${characters(text).toLocaleString("en")} of ${limit.toLocaleString("en")} characters`;
}

/** Returns what to do about a text that is too long, as the API counts; undefined for one that is not. */
function excessOf(text: string, limit: number): string | undefined {
  const excess = characters(text) - limit;
  if (excess <= 0) return undefined;
  return `This is ${excess.toLocaleString("en")} ${excess === 1 ? "character" : "characters"} too long. Shorten it.`;
}
