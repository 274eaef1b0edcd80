import type { Content, EditField, ScheduledPost } from "presswork-client";
import { membersOf, type OptionSchema } from "../../platforms/descriptions";
import { FACTS } from "../../platforms/logins";
import { textsOf, titleOf } from "../../preview/postFacts";

/** What a live post has; an empty text: it is not known, or nothing. */
export type LiveValues = Readonly<Record<EditField, string>>;

/** The members of the options that show a field. */
const MEMBERS: Readonly<Partial<Record<EditField, readonly string[]>>> = {
  title: ["title"],
  privacyLevel: ["privacy", "privacyLevel"],
};

/** Returns the fields of a post that can be changed, of those that its platform can change. Only videos have titles. */
export function fieldsOf(
  { mediaType }: Pick<Content, "mediaType">,
  offered: readonly EditField[],
): readonly EditField[] {
  return offered.filter((field) => field !== "title" || mediaType === "video");
}

/** Returns the schema of the option that shows a field; an empty one if there is none. */
export function schemaOf({ platform }: Pick<ScheduledPost, "platform">, field: EditField): OptionSchema {
  return membersOf(platform).find(({ name }) => MEMBERS[field]?.includes(name))?.schema ?? {};
}

/** Returns what a live post has, as far as it is known. */
export function liveValuesOf(post: ScheduledPost, content: Content): LiveValues {
  const { caption } = textsOf(post, content);
  const settings: Readonly<Record<string, unknown>> = { ...post[FACTS[post.platform].settings] };
  const of = (field: EditField) =>
    MEMBERS[field]?.map((name) => settings[name]).find((value) => typeof value === "string") as string | undefined;
  return {
    caption,
    title: of("title") ?? titleOf(post, caption) ?? "",
    privacyLevel: of("privacyLevel") ?? "",
  };
}

/** Returns what a person has changed. A title or a choice can't be taken away. */
export function changesOf(live: LiveValues, values: LiveValues): Partial<Record<EditField, string>> {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([field, value]) => value !== live[field as EditField] && (field === "caption" || value !== ""),
    ),
  );
}
