import { queryOptions } from "@tanstack/react-query";
import type { LoginName, MediaType, Mode, PlatformDescription, PlatformLimit, PlatformName } from "presswork-client";
import { clientOf } from "../api/client";

let descriptions: ReadonlyMap<string, PlatformDescription> = new Map();

/** What each platform accepts. It changes with the version of the server only, after which the page is loaded again. */
export const platformsQuery = queryOptions({
  queryKey: ["platforms"],
  queryFn: async () => {
    const { items } = await clientOf("test").platforms.list();
    setDescriptions(items);
    return items;
  },
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** Stores the descriptions for the functions below. Screens that call these load `platformsQuery` first. */
export function setDescriptions(platforms: readonly PlatformDescription[]): void {
  descriptions = new Map(platforms.map((platform) => [platform.name, platform]));
}

/** Returns what a platform accepts and offers. Throws before `platformsQuery` is loaded. */
export function descriptionOf(platform: PlatformName): PlatformDescription {
  const found = descriptions.get(platform);
  if (found === undefined) throw new Error(`The server does not describe ${platform}.`);
  return found;
}

/** Whether a platform has a first comment. */
export function hasComments(platform: PlatformName): boolean {
  return descriptionOf(platform).capabilities.firstComment;
}

/** Whether a platform has threads of posts. */
export function hasThreads(platform: PlatformName): boolean {
  return descriptionOf(platform).capabilities.threads;
}

/** Returns what Presswork does with a permission of a login; undefined for one that an installation has added. */
export function purposeOf(login: LoginName, permission: string): string | undefined {
  const all = [...descriptions.values()].flatMap(({ permissions }) => permissions);
  return all.find((one) => one.login === login && one.name === permission)?.why;
}

/** Returns the limits of a post; before it has media, those of a video. */
export function limitsOf(platform: PlatformName, mode: Mode, mediaType: MediaType | null): readonly PlatformLimit[] {
  return descriptionOf(platform).limits.filter(
    ({ modes, mediaTypes }) => modes.includes(mode) && mediaTypes.includes(mediaType ?? "video"),
  );
}

/** A part of the JSON Schema of an option. */
export interface OptionSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly items?: OptionSchema;
  /** Of an object. */
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  readonly maxItems?: number;
  readonly maxLength?: number;
  readonly "x-labels"?: Readonly<Record<string, string>>;
  readonly "x-default"?: boolean;
  /** What holds without the member, where it is none of the values. */
  readonly "x-unset"?: string;
  /** The list of the account that has the values. */
  readonly "x-choices"?: string;
}

/** A member of the settings of a platform. */
export interface OptionMember {
  readonly name: string;
  readonly mediaTypes: readonly MediaType[];
  readonly schema: OptionSchema;
}

/** Returns the members of the settings that a target has for its platform, such as `threadsPostSettings`. */
export function membersOf(platform: PlatformName): readonly OptionMember[] {
  const option = descriptionOf(platform).options.find(({ name }) => name.endsWith("PostSettings"));
  const properties = (option?.schema["properties"] ?? {}) as Readonly<Record<string, OptionSchema>>;
  return (option?.members ?? []).map(({ name, mediaTypes }) => ({ name, mediaTypes, schema: properties[name] ?? {} }));
}

/** Returns the schema of one member. */
export function memberOf(platform: PlatformName, name: string): OptionSchema {
  return membersOf(platform).find((member) => member.name === name)?.schema ?? {};
}
