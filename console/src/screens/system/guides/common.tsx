import { Link } from "@tanstack/react-router";
import type { PlatformSetup } from "presswork-client";
import type { ReactNode } from "react";
import { purposeOf } from "../../../platforms/descriptions";
import { CopyButton } from "../../../ui/CopyButton";
import { CopyLine } from "../CopyLine";
import { Credentials } from "../Credentials";
import { PublicAddress } from "../PublicAddress";
import { appResultsOf, publicUrlProblem, resultsOf } from "../setup";
import type { GuideStep } from "./guide";

/** A page of a platform. It opens in another tab. */
export function Page({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer">
      {children}
    </a>
  );
}

/** Things to do one after the other. */
export function Todo({ children }: { readonly children: ReactNode }) {
  return <ul className="todo">{children}</ul>;
}

/** Returns the host of the public URL. */
export function hostOf(publicUrl: string | null): string | null {
  return publicUrl === null ? null : new URL(publicUrl).hostname;
}

/** Returns an address below the public URL. */
export function below(publicUrl: string | null, path: string): string | null {
  return publicUrl === null ? null : `${publicUrl.replace(/\/+$/, "")}${path}`;
}

/** The step that all platforms begin with. */
export function publicAddress(setup: PlatformSetup, publicUrl: string | null): GuideStep {
  // Until there is one that may work, the form says all, and a finding would repeat it.
  const isChecked = publicUrl !== null && publicUrlProblem(publicUrl) === null;
  return {
    title: "Give Presswork a public address",
    results: isChecked ? resultsOf(setup, ["public_url"]) : [],
    body: <PublicAddress />,
  };
}

const USES = { publish: "posts", draft: "drafts", first_comment: "the first comment", insights: "numbers" } as const;

/** The permissions that the app must have. */
export function Permissions({ setup }: { readonly setup: PlatformSetup }) {
  return (
    <ul className="permissions">
      {setup.permissions.map(({ name, neededFor }) => (
        <li key={name}>
          <code>{name}</code>
          <span className="soft small">
            {neededFor.length === 0 ? "the login" : neededFor.map((use) => USES[use]).join(", ")}
          </span>
          <CopyButton text={name} what={name} />
          <p className="soft small">{purposeOf(setup.platform, name)}</p>
        </li>
      ))}
    </ul>
  );
}

/** The pages that every review asks for: what the portal calls them, and where its form is. */
export function legalPages(publicUrl: string | null, where: string) {
  return [
    { name: "Privacy policy", value: below(publicUrl, "/legal/privacy"), where },
    { name: "Terms of service", value: below(publicUrl, "/legal/terms"), where },
  ];
}

/** Where Meta reports that a person removed the app, or wants their data deleted. */
export function metaCallbacks(
  publicUrl: string | null,
  where: { readonly removal: string; readonly deletion: string },
) {
  return [
    {
      name: "Deauthorize callback URL",
      value: below(publicUrl, "/webhooks/meta/deauthorize"),
      where: where.removal,
    },
    {
      name: "Data deletion request URL",
      value: below(publicUrl, "/webhooks/meta/data-deletion"),
      where: where.deletion,
    },
  ];
}

/** What makes the legal pages appear, and what writes the rest of the review. */
export function ReviewKit({ login }: { readonly login: string }) {
  return (
    <>
      <p>
        The legal pages name who runs this service: set <code>PRESSWORK_OPERATOR_NAME</code> and{" "}
        <code>PRESSWORK_CONTACT_EMAIL</code>. On the server, this writes the addresses, the texts for the form, and a
        script for the recording:
      </p>
      <CopyLine text={`presswork review-kit --out app-review --platform ${login}`} what="the command for the review" />
    </>
  );
}

interface CredentialsStep {
  readonly title: string;
  readonly where: ReactNode;
  readonly idLabel: string;
  readonly secretLabel: string;
}

/** The step that stores the app's ID and secret here. */
export function credentials(setup: PlatformSetup, { title, where, idLabel, secretLabel }: CredentialsStep): GuideStep {
  return {
    title,
    results: [...appResultsOf(setup), ...resultsOf(setup, ["access"])],
    body: (
      <>
        <p>{where}</p>
        <Credentials setup={setup} idLabel={idLabel} secretLabel={secretLabel} />
      </>
    ),
  };
}

/** The command that connects the first account. */
export function Connect({ command }: { readonly command: string }) {
  return (
    <>
      <p>Look at the login first: this prints its addresses and checks them, and connects nothing.</p>
      <CopyLine text={`${command} --env live --dry-run`} what="the command that checks the login" />
      <p>
        Then create a live project and connect the account, under{" "}
        <Link to="/$environment/accounts" params={{ environment: "live" }}>
          Accounts
        </Link>{" "}
        or with a live key:
      </p>
      <CopyLine text={command} what="the command that connects" />
    </>
  );
}
