import { useQuery } from "@tanstack/react-query";
import type { Project } from "presswork-client";
import type { ReactNode } from "react";
import { platformsQuery } from "../../platforms/descriptions";
import { Checkbox } from "../../ui/Checkbox";
import { Fold } from "../../ui/Fold";
import { TextField } from "../../ui/TextField";
import type { ProjectFields } from "./fields";
import type { ProjectFormState } from "./useProjectForm";
import { ZoneField } from "./ZoneField";

/** The paths of issues that the sections show at their fields. */
export const SHOWN = [
  "name",
  "timezone",
  "branding.name",
  "branding.logoUrl",
  "branding.color",
  "customerExternalId",
  "ownerEmail",
  "primaryLanguage",
  "appName",
  "appDescription",
  "metadata",
];

interface SectionProps {
  readonly id: string;
  readonly title: string;
  readonly children: ReactNode;
}

/** A part of a project's page. */
export function Section({ id, title, children }: SectionProps) {
  return (
    <section className="panel project-part" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  );
}

interface ProjectSectionProps {
  readonly project: Project;
  readonly form: ProjectFormState;
  readonly isReadOnly: boolean;
}

function fieldsFor({ form, isReadOnly }: ProjectSectionProps) {
  return (name: keyof ProjectFields, path: string = name) => ({
    value: form.fields[name] ?? "",
    onChange: (value: string) => form.set(name, value),
    error: form.issues[path],
    isDisabled: isReadOnly,
  });
}

/** Its name, its time zone, and how its pages for customers look. */
export function General(props: ProjectSectionProps) {
  const field = fieldsFor(props);
  return (
    <>
      <TextField label="Name" {...field("name")} />
      <ZoneField {...field("timezone")} />
      <Fold title="Branding of pages for customers" isOpen={props.project.branding !== null}>
        <TextField label="Shown name" placeholder={props.project.name} {...field("brandName", "branding.name")} />
        <TextField
          label="Logo"
          type="url"
          description="The address of a PNG, JPEG or WebP of at most 512 KiB. It is stored here when you save."
          {...field("brandLogoUrl", "branding.logoUrl")}
        />
        <TextField
          label="Colour"
          placeholder="#8a3b12"
          description="Of buttons. It needs a contrast of 3 : 1 to white."
          {...field("brandColor", "branding.color")}
        />
      </Fold>
    </>
  );
}

/** What its posts may cost, where a platform charges for posts. */
export function Budgets(props: ProjectSectionProps) {
  const field = fieldsFor(props);
  const priced = useQuery(platformsQuery).data?.filter(({ priceCurrency }) => priceCurrency !== null) ?? [];
  return priced.map(({ name, title }) => (
    <TextField
      key={name}
      label={`${title}: budget in US dollars a month`}
      inputMode="decimal"
      placeholder="Any amount"
      description={`${title} charges the operator of the app for posts. What may cost more than is left is refused.`}
      {...field(`budgets.${name}`, `budgets.${name}.monthlyUsd`)}
    />
  ));
}

/** What programs store with it. */
export function Programs(props: ProjectSectionProps) {
  const field = fieldsFor(props);
  return (
    <Fold title="What your programs store with it" isOpen={hasMore(props.project)}>
      <TextField label="Your id of the customer" {...field("customerExternalId")} />
      <TextField label="Owner's e-mail" type="email" {...field("ownerEmail")} />
      <TextField label="Primary language" placeholder="pt-PT" {...field("primaryLanguage")} />
      <TextField label="App name" {...field("appName")} />
      <TextField label="App description" rows={2} {...field("appDescription")} />
      <TextField label="Metadata" rows={4} description="A JSON object of at most 16 KiB." {...field("metadata")} />
    </Fold>
  );
}

/** Whether webhook messages about content that waits for a decision carry a review link. */
export function ReviewLinks({ form, isReadOnly }: Pick<ProjectSectionProps, "form" | "isReadOnly">) {
  return (
    <>
      <Checkbox isSelected={form.reviewLinks} isDisabled={isReadOnly} onChange={form.setReviewLinks}>
        Add a link to each webhook message that content waits
      </Checkbox>
      <p className="soft small">
        Your server can send <code>reviewUrl</code> of <code>content.pending</code> on to a customer, who decides there.
        The links act for the person who switches this on.
      </p>
    </>
  );
}

function hasMore(project: Project): boolean {
  const { customerExternalId, ownerEmail, primaryLanguage, appName, appDescription, metadata } = project;
  const texts = [customerExternalId, ownerEmail, primaryLanguage, appName, appDescription];
  return texts.some((text) => text !== null) || Object.keys(metadata).length > 0;
}
