import { Plus, X } from "lucide-react";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { issuesOf } from "../../api/errors";
import { placeholderOf } from "../../snippets/insert";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { Section } from "../projects/ProjectSections";
import { useProjectSave } from "./useProjectSave";

const NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/;
const MAX_VARIABLES = 100;

interface VariablesProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly isReadOnly: boolean;
}

interface Row {
  readonly key: number;
  readonly name: string;
  readonly value: string;
}

/** The values that texts of a project are filled in with. */
export function Variables({ environment, project, isReadOnly }: VariablesProps) {
  const before = Object.entries(project.variables ?? {});
  const [rows, setRows] = useState<readonly Row[]>(() => before.map(([name, value], key) => ({ key, name, value })));
  const save = useProjectSave(environment, project.id, "Saved. Posts that are planned keep the values that they have.");
  const change = (key: number, part: Partial<Row>) =>
    setRows((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
  const variables = Object.fromEntries(rows.map(({ name, value }) => [name.trim(), value]));
  const problem = problemOf(rows);
  const isChanged =
    JSON.stringify(Object.entries(variables)) !== JSON.stringify(before) || rows.length !== before.length;
  return (
    <Section id="project-variables" title="Variables">
      <p className="soft small">
        Write <code>{placeholderOf("city")}</code> in a text, and the value stands there when it is posted. From the
        first variable on, a name in double braces that has no value is an error.
      </p>
      <ErrorNotice error={save.error} />
      {rows.map(({ key, name, value }) => (
        <div key={key} className="variable-row">
          <TextField
            label="Name"
            value={name}
            isDisabled={isReadOnly}
            onChange={(next) => change(key, { name: next })}
            error={issuesOf(save.error)[`variables.${name}`]}
          />
          <TextField
            label={`Value${name === "" ? "" : ` of ${name}`}`}
            value={value}
            isDisabled={isReadOnly}
            onChange={(next) => change(key, { value: next })}
          />
          {!isReadOnly && (
            <Button
              kind="quiet"
              isIcon
              aria-label={`Take ${name || "this variable"} away`}
              onPress={() => setRows((all) => all.filter((one) => one.key !== key))}
            >
              <X aria-hidden />
            </Button>
          )}
        </div>
      ))}
      {!isReadOnly && (
        <div className="planning-buttons">
          <Button
            isDisabled={rows.length >= MAX_VARIABLES}
            onPress={() =>
              setRows((all) => [...all, { key: 1 + Math.max(-1, ...all.map(({ key }) => key)), name: "", value: "" }])
            }
          >
            <Plus aria-hidden /> Add a variable
          </Button>
          {isChanged && (
            <Button
              kind="primary"
              isDisabled={problem !== null}
              isPending={save.isPending}
              onPress={() => save.mutate({ variables })}
            >
              Save the variables
            </Button>
          )}
          {isChanged && problem !== null && <span className="soft small">{problem}</span>}
        </div>
      )}
    </Section>
  );
}

/** Returns why variables can't be saved; null: they can. */
function problemOf(rows: readonly Row[]): string | null {
  const names = rows.map(({ name }) => name.trim());
  if (names.some((name) => name === "")) return "Each needs a name.";
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) return `${wrong}: a name has letters, digits and _, and begins with a letter.`;
  return new Set(names).size < names.length ? "Each name is there once." : null;
}
