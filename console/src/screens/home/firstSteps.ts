import type { Environment } from "presswork-client";

/** What is ticked off by itself. */
export type StepId = "address" | "platform" | "project" | "account" | "post" | "key";

/** One of the first steps. */
export interface FirstStep {
  readonly id: StepId;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  /** The parts of its screen's address. */
  readonly place: readonly string[];
  readonly search?: Readonly<Record<string, string>>;
  readonly scope: string;
  /** The step is about the installation. */
  readonly isOfInstallation?: true;
}

const PROJECT: FirstStep = {
  id: "project",
  title: "Create a project",
  text: "It groups the accounts and content of one customer or brand, with its time zone.",
  action: "New project",
  place: ["accounts", "projects"],
  search: { open: "new" },
  scope: "projects:write",
};

/** The steps of each environment, in their order. */
const STEPS: Readonly<Record<Environment, readonly FirstStep[]>> = {
  test: [
    PROJECT,
    {
      id: "account",
      title: "Connect an account",
      text: "Choose one of the sandbox's accounts: nothing that you try here is public.",
      action: "Connect",
      place: ["accounts"],
      search: { open: "connect" },
      scope: "social:write",
    },
    {
      id: "post",
      title: "Publish a post",
      text: "Publish it at once, schedule it, or send it for review.",
      action: "Compose",
      place: ["compose"],
      scope: "publish:write",
    },
    {
      id: "key",
      title: "Create an API key",
      text: "Then make the first call from your program: the page shows it in curl, Python and TypeScript.",
      action: "New key",
      place: ["developers", "keys"],
      scope: "org:admin",
    },
  ],
  live: [
    {
      id: "address",
      title: "Give Presswork a public address",
      text: "Networks lead people back to it after a login, and fetch pictures and videos there.",
      action: "Set the address",
      place: ["system"],
      search: { open: "address" },
      scope: "org:admin",
      isOfInstallation: true,
    },
    {
      id: "platform",
      title: "Set up a network",
      text: "Begin with one: its page says what to do there, and which address goes where.",
      action: "Choose a network",
      place: ["system"],
      scope: "org:admin",
      isOfInstallation: true,
    },
    PROJECT,
    {
      id: "account",
      title: "Connect an account",
      text: "Its owner logs in on the network's own page. What is posted to it is public.",
      action: "Connect",
      place: ["accounts"],
      search: { open: "connect" },
      scope: "social:write",
    },
  ],
};

/** Returns the first steps of an environment that a person may take. */
export function stepsOf(
  environment: Environment,
  person: { readonly scopes: readonly string[]; readonly isInstallationAdmin: boolean },
): readonly FirstStep[] {
  return STEPS[environment].filter(
    ({ scope, isOfInstallation }) =>
      person.scopes.includes(scope) && (person.isInstallationAdmin || isOfInstallation === undefined),
  );
}
