import { Plus, X } from "lucide-react";
import { Input, Label, NumberField } from "react-aria-components";
import { memberOf } from "../../platforms/descriptions";
import { Button } from "../../ui/Button";
import { TextField } from "../../ui/TextField";
import type { UserTag } from "./draft";

const NEW: UserTag = { username: "", x: 50, y: 50, item: 0 };

interface UserTagsProps {
  readonly tags: readonly UserTag[];
  readonly isVideo: boolean;
  /** The number of files. */
  readonly count: number;
  readonly onChange: (tags: readonly UserTag[]) => void;
}

/** The accounts that are tagged; on pictures, with their place. */
export function UserTags({ tags, isVideo, count, onChange }: UserTagsProps) {
  const change = (at: number, part: Partial<UserTag>) =>
    onChange(tags.map((tag, position) => (position === at ? { ...tag, ...part } : tag)));
  const numberField = (label: string, value: number, min: number, max: number, set: (value: number) => void) => (
    <NumberField
      className="field"
      value={value}
      minValue={min}
      maxValue={max}
      step={1}
      onChange={(typed) => set(Number.isNaN(typed) ? value : typed)}
    >
      <Label>{label}</Label>
      <Input className="input" />
    </NumberField>
  );
  return (
    <fieldset className="user-tags">
      <legend>Tagged accounts</legend>
      {tags.map((tag, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: tags have no identity but their place
        <div key={at} className="user-tag">
          <TextField
            label={`Account ${at + 1}`}
            value={tag.username}
            onChange={(username) => change(at, { username })}
          />
          {!isVideo && (
            <>
              {numberField("% from left", tag.x, 0, 100, (x) => change(at, { x }))}
              {numberField("% from top", tag.y, 0, 100, (y) => change(at, { y }))}
            </>
          )}
          {count > 1 && numberField("Item", tag.item + 1, 1, count, (item) => change(at, { item: item - 1 }))}
          <Button
            kind="quiet"
            isIcon
            aria-label={`Remove the tag of ${tag.username || `account ${at + 1}`}`}
            onPress={() => onChange(tags.filter((_, position) => position !== at))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      {tags.length < (memberOf("instagram", "userTags").maxItems ?? 0) && (
        <Button kind="quiet" onPress={() => onChange([...tags, NEW])}>
          <Plus aria-hidden /> Tag an account
        </Button>
      )}
    </fieldset>
  );
}
