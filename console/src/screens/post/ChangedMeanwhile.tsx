import type { Content, ScheduledPost } from "presswork-client";
import TextChange from "../../content/TextChange";
import { optionsOf } from "../../posts/optionsOf";
import { textsOf } from "../../preview/postFacts";
import { Notice } from "../../ui/Notice";

interface ChangedMeanwhileProps {
  readonly before: ScheduledPost;
  readonly after: ScheduledPost;
  readonly content: Content;
}

/** What someone else changed of a post while it was being edited. What a person typed is kept, and saved over it. */
export function ChangedMeanwhile({ before, after, content }: ChangedMeanwhileProps) {
  const [former, now] = [textsOf(before, content), textsOf(after, content)];
  const had = new Map(optionsOf(before));
  const has = new Map(optionsOf(after));
  const options = [...new Set([...had.keys(), ...has.keys()])].filter((name) => had.get(name) !== has.get(name));
  return (
    <Notice tone="warn" title="Someone else has edited this post meanwhile">
      {former.caption !== now.caption && <TextChange field="caption" before={former.caption} after={now.caption} />}
      {former.comment !== now.comment && (
        <TextChange field="firstComment" before={former.comment} after={now.comment} />
      )}
      {options.map((name) => (
        <p key={name}>
          {name}: {had.get(name) ?? "not set"}, now {has.get(name) ?? "not set"}
        </p>
      ))}
      <p>What you typed is still here. Save it, and it replaces theirs where you changed the same.</p>
    </Notice>
  );
}
