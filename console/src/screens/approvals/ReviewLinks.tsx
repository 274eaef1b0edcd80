import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Link as LinkIcon } from "lucide-react";
import { clientOf } from "../../api/client";
import { projectsQuery } from "../../api/projects";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { LinkStatusBadge, LinkVisits } from "../../content/PageLinkState";
import { ProjectFilter } from "../../content/ProjectFilter";
import { RevokeLink } from "../../content/RevokeLink";
import { BackLink } from "../../ui/BackLink";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Time } from "../../ui/Time";

const route = getRouteApi("/$environment/approvals/links");

/** The links at which people without access review content, of all projects, of one, or of one piece of content. */
export default function ReviewLinks() {
  const { environment } = route.useParams();
  const { project, content } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const projects = useQuery(projectsQuery(environment));
  const mayApprove = session.scopes.includes("content:approve");
  const list = usePages([environment, "review-links", project ?? null, content ?? null], () =>
    clientOf(environment).reviewLinks.list({
      ...(project !== undefined && { projectId: project }),
      ...(content !== undefined && { containerId: content }),
    }),
  );
  const nameOf = (id: string) => projects.data?.find((one) => one.id === id)?.name ?? id;
  return (
    <Screen
      title="Review links"
      actions={
        content === undefined && (
          <ProjectFilter
            environment={environment}
            value={project}
            onChange={(id) => void navigate({ search: id === undefined ? {} : { project: id } })}
          />
        )
      }
    >
      <BackLink to="/$environment/approvals" params={{ environment }}>
        Approvals
      </BackLink>
      <div className="panel">
        {mayApprove ? (
          <DataTable
            label="Review links"
            list={list}
            idOf={(link) => link.id}
            columns={[
              { name: "Made", cell: (link) => <Time at={link.createdAt} isRelative /> },
              { name: "Status", cell: (link) => <LinkStatusBadge status={link.status} /> },
              { name: "Recipient", cell: (link) => link.recipientName ?? "any" },
              { name: "Project", cell: (link) => nameOf(link.projectId) },
              {
                name: "Content",
                cell: ({ containerIds }) =>
                  containerIds.length === 1 && containerIds[0] !== undefined ? (
                    <Link
                      to="/$environment/content/$containerId"
                      params={{ environment, containerId: containerIds[0] }}
                    >
                      1 item
                    </Link>
                  ) : (
                    `${containerIds.length} items`
                  ),
              },
              { name: "Decisions", isAtEnd: true, cell: (link) => (link.canDecide ? link.decisions : "shows only") },
              { name: "Visits", isAtEnd: true, cell: (link) => <LinkVisits link={link} /> },
              { name: "Expires", isAtEnd: true, cell: (link) => <Time at={link.expiresAt} isRelative /> },
              {
                name: "Actions",
                isAtEnd: true,
                cell: (link) =>
                  link.status === "active" && (
                    <RevokeLink
                      revoke={() => clientOf(environment).reviewLinks.revoke({ reviewLinkId: link.id })}
                      queryKey={[environment, "review-links"]}
                      effect="Its page is gone at once. Decisions that were made there stay."
                    />
                  ),
              },
            ]}
            empty={
              <EmptyState icon={LinkIcon} title="No review links">
                Open an item in Approvals, or select several, and choose Share for review.
              </EmptyState>
            }
          />
        ) : (
          <EmptyState icon={LinkIcon} title="Links are not shown">
            Your role does not approve content. Ask an administrator for a role that does.
          </EmptyState>
        )}
      </div>
    </Screen>
  );
}
