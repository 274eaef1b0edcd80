import { useQueries } from "@tanstack/react-query";
import { Check, Minus } from "lucide-react";
import type { Project, Role } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { Checkbox } from "../../ui/Checkbox";
import { CheckboxList } from "../../ui/CheckboxList";
import { Select } from "../../ui/Select";
import "./people.css";
import { RIGHTS, ROLES, roleLabel } from "./roles";

interface RoleFieldsProps {
  readonly role: Role;
  readonly onRole: (role: Role) => void;
  /** null: all projects. */
  readonly projectIds: readonly string[] | null;
  readonly onProjectIds: (projectIds: readonly string[] | null) => void;
}

/** What a person may do, and in which projects. */
export function RoleFields({ role, onRole, projectIds, onProjectIds }: RoleFieldsProps) {
  const projects = useAllProjects();
  return (
    <>
      <Select
        label="Role"
        choices={ROLES}
        value={role}
        onChange={(chosen) => {
          onRole(chosen);
          if (chosen === "admin") onProjectIds(null);
        }}
      />
      <ul className="rights" aria-label={`What the role ${roleLabel(role)} may do`}>
        {RIGHTS.map(({ label, roles }) => {
          const isGiven = roles.includes(role);
          return (
            <li key={label} className={isGiven ? "" : "soft"}>
              {isGiven ? <Check role="img" aria-label="May:" /> : <Minus role="img" aria-label="May not:" />} {label}
            </li>
          );
        })}
      </ul>
      {role !== "admin" && (
        <Checkbox isSelected={projectIds === null} onChange={(isAll) => onProjectIds(isAll ? null : [])}>
          All projects, also future ones
        </Checkbox>
      )}
      {projectIds !== null && (
        <CheckboxList
          label="Projects"
          choices={projects.map(({ id, name, environment }) => ({ value: id, label: `${name} (${environment})` }))}
          value={projectIds}
          onChange={onProjectIds}
        />
      )}
    </>
  );
}

/** The projects of both environments. */
function useAllProjects(): readonly Project[] {
  const found = useQueries({
    queries: (["test", "live"] as const).map(projectsQuery),
  });
  return found.flatMap((query) => query.data ?? []);
}
