import type { Role } from "presswork-client";

/** The roles, from the one that may do the least. */
export const ROLES: readonly { readonly id: Role; readonly label: string; readonly description: string }[] = [
  { id: "viewer", label: "Viewer", description: "Sees everything but API keys and the audit log" },
  { id: "author", label: "Author", description: "Uploads and edits content" },
  { id: "approver", label: "Approver", description: "Approves and rejects content" },
  { id: "publisher", label: "Publisher", description: "Uploads, publishes, and connects accounts" },
  { id: "admin", label: "Admin", description: "Everything, with people, keys and the system" },
];

/** What a person may do; each role has those that are marked for it. */
export const RIGHTS: readonly { readonly label: string; readonly roles: readonly Role[] }[] = [
  { label: "See posts, content and accounts", roles: ["viewer", "author", "approver", "publisher", "admin"] },
  { label: "Upload and edit content", roles: ["author", "publisher", "admin"] },
  { label: "Approve and reject content", roles: ["approver", "admin"] },
  { label: "Publish, move and cancel posts", roles: ["publisher", "admin"] },
  { label: "Connect accounts", roles: ["publisher", "admin"] },
  { label: "People, projects, keys and the system", roles: ["admin"] },
];

/** Returns how a role is called here. */
export function roleLabel(role: Role): string {
  return ROLES.find((one) => one.id === role)?.label ?? role;
}
