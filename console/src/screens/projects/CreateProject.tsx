import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { TextField } from "../../ui/TextField";
import { viewerZone } from "../../ui/times";
import "./projects.css";
import { ZoneField } from "./ZoneField";

interface CreateProjectProps {
  readonly environment: Environment;
  readonly onClose: () => void;
  readonly onCreated: (project: Project) => void;
}

/** The form for a new project. */
export function CreateProject({ environment, onClose, onCreated }: CreateProjectProps) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [timezone, setTimezone] = useState(viewerZone());
  const create = useMutation({
    mutationFn: () => clientOf(environment).projects.create({ name, timezone }),
    onSuccess: async (project) => {
      await queries.invalidateQueries({ queryKey: [environment, "projects"] });
      onCreated(project);
    },
  });
  const issues = issuesOf(create.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`New project for ${environment}`}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={create.isPending}
            isDisabled={name.trim() === ""}
            onPress={() => create.mutate()}
          >
            Create the project
          </Button>
        </>
      }
    >
      <ErrorNotice error={create.error} fields={["name", "timezone"]} />
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        placeholder="Corner Bakery"
        description="A customer, a brand, or a team: it has its own accounts, content and review."
        error={issues["name"]}
        autoFocus
      />
      <ZoneField value={timezone} onChange={setTimezone} error={issues["timezone"]} />
    </Dialog>
  );
}
