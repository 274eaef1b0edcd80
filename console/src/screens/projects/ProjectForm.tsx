import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { changesOf, fieldsAfter, fieldsOf, type ProjectFields, problemOfMetadata } from "./fields";
import { ZoneField } from "./ZoneField";

interface ProjectFormProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly isReadOnly: boolean;
}

/** The paths of issues that the form shows at its fields. */
const SHOWN = [
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

/** The fields of a project that can be changed. */
export function ProjectForm({ environment, project, isReadOnly }: ProjectFormProps) {
  const queries = useQueryClient();
  const [before, setBefore] = useState(project); // what changed since then is not a change of this person
  const [fields, setFields] = useState(() => fieldsOf(before));
  const problem = problemOfMetadata(fields.metadata);
  const changes = problem === undefined ? changesOf(before, fields) : {};
  const save = useMutation({
    mutationFn: (sent: ProjectFields) =>
      clientOf(environment).projects.update({ projectId: project.id, ...changesOf(before, sent) }),
    onSuccess: (saved, sent) => {
      setBefore(saved);
      setFields((now) => fieldsAfter(saved, sent, now));
      toast("The project is saved.");
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "projects"] }),
  });
  const issues = issuesOf(save.error);
  const field = (name: keyof ProjectFields) => ({
    value: fields[name],
    onChange: (value: string) => setFields({ ...fields, [name]: value }),
    error: issues[name],
    isDisabled: isReadOnly,
  });
  return (
    <form
      className="project-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (Object.keys(changes).length > 0) save.mutate(fields);
      }}
    >
      <ErrorNotice error={save.error} fields={SHOWN} />
      <TextField label="Name" {...field("name")} />
      <ZoneField {...field("timezone")} />
      <details open={project.branding !== null}>
        <summary>Branding of pages for customers</summary>
        <div className="project-form">
          <TextField
            label="Shown name"
            placeholder={project.name}
            {...field("brandName")}
            error={issues["branding.name"]}
          />
          <TextField
            label="Logo"
            type="url"
            description="The address of a PNG, JPEG or WebP of at most 512 KiB. It is stored here when you save."
            {...field("brandLogoUrl")}
            error={issues["branding.logoUrl"]}
          />
          <TextField
            label="Colour"
            placeholder="#8a3b12"
            description="Of buttons. It needs a contrast of 3 : 1 to white."
            {...field("brandColor")}
            error={issues["branding.color"]}
          />
        </div>
      </details>
      <details open={hasMore(project)}>
        <summary>What your programs store with it</summary>
        <div className="project-form">
          <TextField label="Your id of the customer" {...field("customerExternalId")} />
          <TextField label="Owner's e-mail" type="email" {...field("ownerEmail")} />
          <TextField label="Primary language" placeholder="pt-PT" {...field("primaryLanguage")} />
          <TextField label="App name" {...field("appName")} />
          <TextField label="App description" rows={2} {...field("appDescription")} />
          <TextField
            label="Metadata"
            rows={4}
            description="A JSON object of at most 16 KiB."
            {...field("metadata")}
            error={problem ?? issues["metadata"]}
          />
        </div>
      </details>
      {!isReadOnly && (
        <div className="project-save">
          <Button
            type="submit"
            kind="primary"
            isPending={save.isPending}
            isDisabled={problem !== undefined || Object.keys(changes).length === 0}
          >
            Save
          </Button>
        </div>
      )}
    </form>
  );
}

function hasMore(project: Project): boolean {
  const { customerExternalId, ownerEmail, primaryLanguage, appName, appDescription, metadata } = project;
  const texts = [customerExternalId, ownerEmail, primaryLanguage, appName, appDescription];
  return texts.some((text) => text !== null) || Object.keys(metadata).length > 0;
}
