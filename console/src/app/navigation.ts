import {
  AtSign,
  Building2,
  CalendarDays,
  ChartColumn,
  ClipboardCheck,
  Code,
  Gauge,
  House,
  Images,
  ListOrdered,
  type LucideIcon,
  MessageCircle,
  Server,
  Users,
} from "lucide-react";

/** A screen in the navigation. */
export interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** The scope without which the screen shows nothing. */
  readonly scope: string;
  /** The screen is about the installation. */
  readonly isOfInstallation?: true;
}

/** The screens, in the order of a day's work; those of administration come last. */
const PLACES: readonly Place[] = [
  { to: "/$environment", label: "Home", icon: House, scope: "publish:read" },
  { to: "/$environment/queue", label: "Queue", icon: ListOrdered, scope: "publish:read" },
  { to: "/$environment/calendar", label: "Calendar", icon: CalendarDays, scope: "publish:read" },
  { to: "/$environment/results", label: "Results", icon: ChartColumn, scope: "insights:read" },
  { to: "/$environment/approvals", label: "Approvals", icon: ClipboardCheck, scope: "content:read" },
  { to: "/$environment/comments", label: "Comments", icon: MessageCircle, scope: "comments:read" },
  { to: "/$environment/library", label: "Library", icon: Images, scope: "content:read" },
  { to: "/$environment/accounts", label: "Accounts", icon: AtSign, scope: "social:read" },
  { to: "/$environment/developers", label: "Developers", icon: Code, scope: "webhooks:read" },
  { to: "/$environment/people", label: "People", icon: Users, scope: "org:admin" },
  { to: "/$environment/usage", label: "Usage", icon: Gauge, scope: "org:admin" },
  {
    to: "/$environment/customers",
    label: "Customers",
    icon: Building2,
    scope: "org:admin",
    isOfInstallation: true,
  },
  { to: "/$environment/system", label: "System", icon: Server, scope: "org:admin", isOfInstallation: true },
];

/** Returns the screens that a person may see. */
export function placesOf(person: {
  readonly scopes: readonly string[];
  readonly isInstallationAdmin: boolean;
}): readonly Place[] {
  return PLACES.filter(
    ({ scope, isOfInstallation }) =>
      person.scopes.includes(scope) && (person.isInstallationAdmin || isOfInstallation === undefined),
  );
}
