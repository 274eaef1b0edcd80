import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { Section } from "../projects/ProjectSections";
import { useProjectSave } from "./useProjectSave";

interface LinkParametersProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly isReadOnly: boolean;
}

const PARAMETERS = [
  { id: "source", label: "Source", placeholder: "social" },
  { id: "medium", label: "Medium", placeholder: "post" },
  { id: "campaign", label: "Campaign", placeholder: "autumn" },
] as const;

/** What is added to links of the customer's own sites, so that its statistics can tell where visits come from. */
export function LinkParameters({ environment, project, isReadOnly }: LinkParametersProps) {
  const { utm } = project;
  const before = {
    domains: (utm?.domains ?? []).join("\n"),
    source: utm?.source ?? "",
    medium: utm?.medium ?? "",
    campaign: utm?.campaign ?? "",
  };
  const [fields, setFields] = useState(before);
  const save = useProjectSave(environment, project.id, "Saved. Posts that are planned keep the links that they have.");
  const issues = issuesOf(save.error);
  const domains = fields.domains.split(/[\s,]+/).filter((one) => one !== "");
  const isChanged = JSON.stringify(fields) !== JSON.stringify(before);
  const values = Object.fromEntries(
    PARAMETERS.flatMap(({ id }) => (fields[id].trim() === "" ? [] : [[id, fields[id].trim()] as const])),
  );
  const isMissing = domains.length > 0 && Object.keys(values).length === 0;
  return (
    <Section id="project-links" title="Parameters of links">
      <p className="soft small">
        Links to these sites get utm parameters when they are posted. What a link already says stays.
      </p>
      <ErrorNotice error={save.error} fields={["utm.domains", ...PARAMETERS.map(({ id }) => `utm.${id}`)]} />
      <TextField
        label="Sites"
        rows={2}
        placeholder="example.com"
        description="One in each line; those below them are meant, too."
        value={fields.domains}
        isDisabled={isReadOnly}
        onChange={(text) => setFields((all) => ({ ...all, domains: text }))}
        error={issues["utm.domains"]}
      />
      <div className="refill-fields">
        {PARAMETERS.map(({ id, label, placeholder }) => (
          <TextField
            key={id}
            label={label}
            placeholder={placeholder}
            value={fields[id]}
            isDisabled={isReadOnly}
            onChange={(text) => setFields((all) => ({ ...all, [id]: text }))}
            error={issues[`utm.${id}`]}
          />
        ))}
      </div>
      {isChanged && (
        <div className="planning-buttons">
          <Button
            kind="primary"
            isDisabled={isMissing}
            isPending={save.isPending}
            onPress={() => save.mutate({ utm: domains.length === 0 ? null : { domains, ...values } })}
          >
            Save the parameters
          </Button>
          {isMissing && <span className="soft small">Fill in at least one parameter.</span>}
        </div>
      )}
    </Section>
  );
}
