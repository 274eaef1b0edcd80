import { useMutation, useQueryClient } from "@tanstack/react-query";
import { FolderPlus } from "lucide-react";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { viewerZone } from "../../ui/times";

interface ProjectFieldProps {
  readonly projects: readonly Project[];
  readonly projectId: string | null;
  readonly isFixed: boolean;
  readonly onChange: (projectId: string) => void;
}

/** The project whose accounts and rules apply; nothing where there is only one. */
export function ProjectField({ projects, projectId, isFixed, onChange }: ProjectFieldProps) {
  if (projects.length < 2) return null;
  return (
    <Select
      label="Project"
      isLabelHidden
      choices={projects.map(({ id, name }) => ({ id, label: name }))}
      value={projectId}
      isDisabled={isFixed}
      onChange={onChange}
    />
  );
}

interface FirstProjectProps {
  readonly environment: Environment;
  readonly mayCreate: boolean;
  readonly onCreated: (projectId: string) => void;
}

/** What to do without a project: make the first one. */
export function FirstProject({ environment, mayCreate, onCreated }: FirstProjectProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("My project");
  const create = useMutation({
    mutationFn: () => clientOf(environment).projects.create({ name, timezone: viewerZone() }),
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: [environment, "projects"] });
      onCreated(id);
    },
  });
  return (
    <div className="panel">
      <EmptyState
        icon={FolderPlus}
        title="No project yet"
        actions={
          mayCreate && (
            <div className="first-project">
              <TextField label="Name of the project" value={name} onChange={setName} />
              <Button kind="primary" isPending={create.isPending} onPress={() => create.mutate()}>
                Create the project
              </Button>
            </div>
          )
        }
      >
        {mayCreate
          ? `A project keeps the accounts and content of one customer. Its time zone will be yours: ${viewerZone()}.`
          : "A project keeps the accounts and content of one customer. Ask an administrator to create one."}
      </EmptyState>
      {create.isError && <ErrorNotice error={create.error} />}
    </div>
  );
}
