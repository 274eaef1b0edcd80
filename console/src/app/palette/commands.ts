import {
  ArrowLeftRight,
  CircleUserRound,
  FileUp,
  FolderPlus,
  KeyRound,
  LogOut,
  type LucideIcon,
  Plus,
  UserPlus,
  UserRoundPlus,
} from "lucide-react";
import type { Environment } from "presswork-client";
import { placesOf } from "../navigation";

/** What the palette does without a search: an action, or a screen. */
export interface Command {
  readonly id: string;
  readonly label: string;
  /** Other words for it. */
  readonly words?: string;
  readonly icon: LucideIcon;
  /** Its own key, where it has one. */
  readonly keys?: string;
  /** The address that it opens. Without one, the palette knows what to do. */
  readonly to?: string;
  readonly search?: Readonly<Record<string, string>>;
}

interface Person {
  readonly scopes: readonly string[];
  readonly isInstallationAdmin: boolean;
}

const ACTIONS: readonly (Command & { readonly scope?: string })[] = [
  {
    id: "new-post",
    label: "New post",
    words: "compose write publish schedule",
    icon: Plus,
    keys: "C",
    to: "/$environment/compose",
    scope: "content:write",
  },
  {
    id: "connect",
    label: "Connect an account",
    words: "add login network",
    icon: UserRoundPlus,
    to: "/$environment/accounts",
    search: { open: "connect" },
    scope: "social:write",
  },
  {
    id: "import",
    label: "Import posts",
    words: "table csv sheet upload",
    icon: FileUp,
    to: "/$environment/compose/import",
    scope: "publish:write",
  },
  {
    id: "new-project",
    label: "New project",
    words: "create customer brand",
    icon: FolderPlus,
    to: "/$environment/accounts/projects",
    search: { open: "new" },
    scope: "projects:write",
  },
  {
    id: "invite",
    label: "Invite a person",
    words: "add user colleague role",
    icon: UserPlus,
    to: "/$environment/people",
    search: { open: "invite" },
    scope: "org:admin",
  },
  {
    id: "new-key",
    label: "New API key",
    words: "create developer secret",
    icon: KeyRound,
    to: "/$environment/developers/keys",
    search: { open: "new" },
    scope: "org:admin",
  },
];

/** Returns what this person can do from everywhere, the most frequent first. */
export function actionsOf(environment: Environment, person: Person): readonly Command[] {
  return [
    ...ACTIONS.filter(({ scope }) => scope === undefined || person.scopes.includes(scope)),
    {
      id: "switch",
      label: environment === "test" ? "Switch to Live" : "Switch to Test",
      words: "environment sandbox real",
      icon: ArrowLeftRight,
    },
    {
      id: "you",
      label: "Your account",
      words: "password sessions agents profile",
      icon: CircleUserRound,
      to: "/$environment/you",
    },
    { id: "sign-out", label: "Sign out", words: "log out leave", icon: LogOut },
  ];
}

/** Returns the screens that this person sees. */
export function screensOf(person: Person): readonly Command[] {
  return placesOf(person).map(({ to, label, icon }) => ({ id: to, label, icon, to }));
}

/** Returns the commands that were meant: each typed word begins one of theirs. Those that begin with the text come first. */
export function matching(commands: readonly Command[], typed: string): readonly Command[] {
  const asked = wordsOf(typed);
  const found = commands.filter(({ label, words = "" }) => {
    const own = wordsOf(`${label} ${words}`);
    return asked.every((word) => own.some((one) => one.startsWith(word)));
  });
  const begins = ({ label }: Command) => label.toLowerCase().startsWith(asked[0] ?? "");
  return [...found.filter(begins), ...found.filter((one) => !begins(one))];
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}
