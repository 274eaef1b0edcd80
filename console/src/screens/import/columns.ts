import type { ImportColumn } from "presswork-client";

/** The columns of an import, in the order of a form. */
export const COLUMNS: readonly { readonly id: ImportColumn; readonly label: string; readonly hint: string }[] = [
  { id: "media", label: "Media", hint: "Names of your files, or their addresses" },
  { id: "altText", label: "Alternative texts", hint: "In the order of the media, separated by |" },
  { id: "containerId", label: "From the library", hint: "Its id, instead of media, link and parts" },
  { id: "caption", label: "Caption", hint: "" },
  { id: "link", label: "Link", hint: "Address of a page, instead of media" },
  { id: "parts", label: "Parts", hint: "Texts of a thread, with lines of --- between them" },
  { id: "firstComment", label: "First comment", hint: "" },
  { id: "labels", label: "Labels", hint: "Separated by commas; not with content from the library" },
  { id: "accounts", label: "Accounts", hint: "instagram:@bakery, tiktok:@bakery" },
  { id: "date", label: "Date", hint: "2026-12-24; empty: at once" },
  { id: "time", label: "Time", hint: "18:30" },
  { id: "queue", label: "Queue", hint: "Its name, instead of date and time" },
  { id: "mode", label: "How it goes out", hint: "publish, draft (to a phone) or managed" },
  { id: "options", label: "Options", hint: 'For developers: {"youtubePostSettings": {"privacy": "unlisted"}}' },
];

/** Names that other tools and people use, in lower case without spaces and punctuation. */
const NAMES: Readonly<Record<ImportColumn, readonly string[]>> = {
  media: [
    "media",
    "mediaurl",
    "mediaurls",
    "url",
    "image",
    "imageurl",
    "video",
    "picture",
    "file",
    "files",
    "filename",
    "photo",
  ],
  altText: ["alttext", "alttexts", "alt"],
  containerId: ["containerid", "contentid", "content"],
  caption: ["caption", "text", "message", "post", "description", "posttext"],
  link: ["link", "links", "linkurl", "page"],
  parts: ["parts", "thread"],
  firstComment: ["firstcomment", "comment"],
  labels: ["labels", "label", "tags", "tag"],
  accounts: ["accounts", "account", "profile", "profiles", "channel", "channels"],
  date: ["date", "scheduledfor", "publishat", "datetime", "postingtime"],
  time: ["time", "hour"],
  queue: ["queue"],
  mode: ["mode"],
  options: ["options"],
};

/** Returns for each name of a file's first line the column that it means, or null. No column is meant twice. */
export function guess(header: readonly string[]): (ImportColumn | null)[] {
  const plain = header.map((name) => name.toLowerCase().replaceAll(/[^a-z]/g, ""));
  const found: (ImportColumn | null)[] = header.map(() => null);
  for (const { id } of COLUMNS) {
    const name = NAMES[id].find((one) => plain.includes(one));
    if (name !== undefined) found[plain.indexOf(name)] = id;
  }
  return found;
}

/** The label of a column. */
export function labelOf(id: ImportColumn): string {
  return COLUMNS.find((column) => column.id === id)?.label ?? id;
}

/** Returns a message of the API in the words of this screen: columns by their labels, and the cell at which it stands as "this". */
export function plainMessage(message: string, at: ImportColumn | null): string {
  const start = `\`${at}\` `;
  const rest = message.slice(start.length);
  const begun =
    at !== null && message.startsWith(start) ? `${rest.startsWith("are ") ? "These" : "This"} ${rest}` : message;
  return begun
    .replaceAll(/`(\w+)`/g, (_, name: string) => {
      const column = COLUMNS.find(({ id }) => id === name);
      return column === undefined ? name : `“${column.label}”`;
    })
    .replaceAll("`", "");
}
