import type { Environment } from "presswork-client";
import { TabLink, TabLinks } from "../../ui/TabLinks";

const EXACT = { exact: true, includeSearch: false } as const;

interface ProjectTabsProps {
  readonly environment: Environment;
  readonly projectId: string;
}

/** The parts of a project. */
export function ProjectTabs({ environment, projectId }: ProjectTabsProps) {
  const params = { environment, projectId };
  return (
    <TabLinks label="Project">
      <TabLink to="/$environment/accounts/projects/$projectId" params={params} activeOptions={EXACT}>
        Settings
      </TabLink>
      <TabLink to="/$environment/accounts/projects/$projectId/queues" params={params} activeOptions={EXACT}>
        Queues
      </TabLink>
      <TabLink to="/$environment/accounts/projects/$projectId/recurring" params={params} activeOptions={EXACT}>
        Recurring posts
      </TabLink>
      <TabLink to="/$environment/accounts/projects/$projectId/texts" params={params} activeOptions={EXACT}>
        Texts and links
      </TabLink>
    </TabLinks>
  );
}
