import { useQuery } from "@tanstack/react-query";
import { Inbox as InboxIcon } from "lucide-react";
import type { ContentReviewPolicy, Environment, Project } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { policyQuery } from "../../content/queries";
import { countOf } from "../../posts/queuedCount";
import { EmptyState } from "../../ui/EmptyState";

interface EmptyInboxProps {
  readonly environment: Environment;
  readonly projectId: string | undefined;
  /** How many items wait for others and are not shown. */
  readonly others: number;
}

/** Nothing waits: which new content will, by the projects' review policies. */
export function EmptyInbox({ environment, projectId, others }: EmptyInboxProps) {
  const projects = useQuery(projectsQuery(environment));
  const project = projects.data?.find(({ id }) => id === projectId);
  if (others > 0) {
    return (
      <div className="panel">
        <EmptyState icon={InboxIcon} title="Nothing waits for you">
          {`${countOf(others, "item")} ${others === 1 ? "waits" : "wait"} for others.`}
        </EmptyState>
      </div>
    );
  }
  return (
    <div className="panel">
      <EmptyState icon={InboxIcon} title="Nothing waits for approval">
        {project === undefined ? (
          sentenceOf(projects.data ?? [])
        ) : (
          <ProjectPolicy environment={environment} project={project} />
        )}
      </EmptyState>
    </div>
  );
}

function ProjectPolicy({ environment, project }: { readonly environment: Environment; readonly project: Project }) {
  const policy = useQuery(policyQuery(environment, project.id));
  return policy.data === undefined ? null : policySentence(project.name, policy.data);
}

const MOST_NAMED = 3;

/** Which projects have a policy. */
function sentenceOf(projects: readonly Project[]): string {
  const names = projects.filter((project) => project.requiresApproval).map(({ name }) => name);
  if (names.length === 0) {
    return "No project has a review policy, so new content needs no approval. Set one in a project's settings, and what is uploaded from then on appears here.";
  }
  const named = names.slice(0, MOST_NAMED).join(", ");
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return `New content of ${named}${more} appears here as soon as it is uploaded.`;
}

/** Says what a policy means for new content. */
function policySentence(name: string, { policy, firstN, covers }: ContentReviewPolicy): string {
  if (policy === "auto_approve") {
    return `New content of ${name} needs no approval. Set a review policy in the project's settings, and what is uploaded from then on appears here.`;
  }
  const which =
    policy === "review_all"
      ? `All new content of ${name} needs approval.`
      : `New content of ${name} needs approval until ${firstN} were decided on.`;
  const edits =
    covers === "content_and_text"
      ? " An edit of approved content brings it back here."
      : " Texts may be edited after the approval.";
  return which + edits;
}
