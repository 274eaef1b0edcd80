import { useQuery } from "@tanstack/react-query";
import type { Environment, Project } from "presswork-client";
import type { ReactNode } from "react";
import { projectQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { BackLink } from "../../ui/BackLink";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { ProjectTabs } from "../projects/ProjectTabs";
import "../projects/projects.css";
import "./planning.css";

interface PartProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly actions?: ReactNode;
  readonly children: (project: Project) => ReactNode;
}

/** A part of a project that has a screen of its own. */
export function Part({ environment, projectId, actions, children }: PartProps) {
  const found = useQuery(projectQuery(environment, projectId));
  return (
    <Screen title={found.data?.name ?? "Project"} actions={actions}>
      <BackLink to="/$environment/accounts/projects" params={{ environment }}>
        All projects
      </BackLink>
      <ProjectTabs environment={environment} projectId={projectId} />
      <Loaded query={found} skeleton={<SkeletonRows />}>
        {children}
      </Loaded>
    </Screen>
  );
}
