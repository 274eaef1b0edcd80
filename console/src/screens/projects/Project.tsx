import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Archive, AtSign } from "lucide-react";
import type { Project } from "presswork-client";
import { clientOf } from "../../api/client";
import { isArchived } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { BackLink } from "../../ui/BackLink";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Fact, Facts } from "../../ui/Facts";
import { Loaded } from "../../ui/Loaded";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { ArchiveDialog } from "./ArchiveDialog";
import { ProjectForm } from "./ProjectForm";
import "./projects.css";
import { ReviewLinksSetting } from "./ReviewLinksSetting";
import { ReviewPolicyForm } from "./ReviewPolicyForm";

const route = getRouteApi("/$environment/accounts/projects/$projectId");

/** One project: its name and time zone, what it reviews, and what programs store with it. */
export default function ProjectPage() {
  const { environment, projectId } = route.useParams();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const found = useQuery({
    queryKey: [environment, "projects", projectId],
    queryFn: () => clientOf(environment).projects.get({ projectId }),
  });
  const project = found.data;
  return (
    <Screen
      title={project?.name ?? "Project"}
      aside={project && isArchived(project) && <Badge>Archived</Badge>}
      actions={
        <>
          <Link
            className="button plain"
            to="/$environment/accounts"
            params={{ environment }}
            search={{ project: projectId }}
          >
            <AtSign aria-hidden /> Accounts
          </Link>
          {project && mayChange(project, session.scopes) && (
            <Button kind="danger" onPress={() => void navigate({ search: { open: "archive" } })}>
              <Archive aria-hidden /> Archive
            </Button>
          )}
        </>
      }
    >
      <BackLink to="/$environment/accounts/projects" params={{ environment }}>
        All projects
      </BackLink>
      <Loaded query={found} skeleton={<SkeletonRows />}>
        {(project) => <Parts project={project} />}
      </Loaded>
    </Screen>
  );
}

function mayChange(project: Project, scopes: readonly string[]): boolean {
  return scopes.includes("projects:write") && !isArchived(project);
}

function Parts({ project }: { readonly project: Project }) {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const mayWrite = mayChange(project, session.scopes);
  const part = { environment, project };
  return (
    <>
      {isArchived(project) && (
        <Notice>It is archived, which is final: it accepts no content, accounts or posts.</Notice>
      )}
      <div className="project">
        <section className="panel project-part" aria-labelledby="project-general">
          <h2 id="project-general">General</h2>
          <ProjectForm key={project.id} {...part} isReadOnly={!mayWrite} />
        </section>
        <div>
          <section className="panel project-part" aria-labelledby="project-review">
            <h2 id="project-review">Review of content</h2>
            <ReviewPolicyForm
              {...part}
              isReadOnly={!session.scopes.includes("content:approve") || isArchived(project)}
            />
          </section>
          <section className="panel project-part" aria-labelledby="project-links">
            <h2 id="project-links">Review links</h2>
            <ReviewLinksSetting {...part} isReadOnly={!mayWrite || !session.scopes.includes("content:approve")} />
          </section>
          <section className="panel project-part" aria-labelledby="project-facts">
            <h2 id="project-facts">About</h2>
            <Facts>
              <Fact name="Created">
                <Time at={project.createdAt} zone={project.timezone} />
              </Fact>
              <Fact name="Changed">
                <Time at={project.updatedAt} zone={project.timezone} />
              </Fact>
              <Fact name="Layers">
                <Link to="/$environment/accounts/layers" params={{ environment }} search={{ project: project.id }}>
                  Show
                </Link>
              </Fact>
              <Fact name="Id">
                <code>{project.id}</code> <CopyButton text={project.id} what="the id of the project" />
              </Fact>
            </Facts>
          </section>
        </div>
      </div>
      {open === "archive" && mayWrite && <ArchiveDialog {...part} onClose={() => void navigate({ search: {} })} />}
    </>
  );
}
