import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Archive, AtSign, FileArchive, Trash2 } from "lucide-react";
import type { Project } from "presswork-client";
import { lazy, Suspense } from "react";
import { isArchived, projectQuery } from "../../api/projects";
import { Screen } from "../../app/Screen";
import { BackLink } from "../../ui/BackLink";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Fact, Facts } from "../../ui/Facts";
import { Loaded } from "../../ui/Loaded";
import { Notice } from "../../ui/Notice";
import { RareActions } from "../../ui/RareActions";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toast } from "../../ui/toasts";
import { ArchiveDialog } from "./ArchiveDialog";
import { Budgets, General, Programs, ReviewLinks, Section, SHOWN } from "./ProjectSections";
import { ProjectTabs } from "./ProjectTabs";
import "./projects.css";
import { ReviewPolicyFields } from "./ReviewPolicyFields";
import { usePolicyForm } from "./usePolicyForm";
import { useProjectForm } from "./useProjectForm";

const Channels = lazy(() => import("./Channels"));
const PortalLinks = lazy(() => import("./PortalLinks"));
const DataDialogs = lazy(() => import("./DataDialogs"));
const route = getRouteApi("/$environment/accounts/projects/$projectId");

/** One project: its name and time zone, what it reviews, what programs store with it, its client's page and its channels. */
export default function ProjectPage() {
  const { environment, projectId } = route.useParams();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const found = useQuery(projectQuery(environment, projectId));
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
          {project && (
            <RareActions actions={actionsOf(project, session.scopes, (open) => void navigate({ search: { open } }))} />
          )}
        </>
      }
    >
      <BackLink to="/$environment/accounts/projects" params={{ environment }}>
        All projects
      </BackLink>
      <ProjectTabs environment={environment} projectId={projectId} />
      <Loaded query={found} skeleton={<SkeletonRows />}>
        {(project) => <Parts key={project.id} project={project} />}
      </Loaded>
    </Screen>
  );
}

/** What may be done with the whole project. */
function actionsOf(
  project: Project,
  scopes: readonly string[],
  open: (dialog: "archive" | "export" | "erase") => void,
) {
  const isAdmin = scopes.includes("org:admin");
  const [archive, erase] = [mayChange(project, scopes), isAdmin && isArchived(project)];
  return [
    ...(isAdmin ? [{ label: "Export data", icon: FileArchive, onAction: () => open("export") }] : []),
    ...(archive ? [{ label: "Archive", icon: Archive, isDangerous: true, onAction: () => open("archive") }] : []),
    ...(erase ? [{ label: "Erase", icon: Trash2, isDangerous: true, onAction: () => open("erase") }] : []),
  ];
}

function mayChange(project: Project, scopes: readonly string[]): boolean {
  return scopes.includes("projects:write") && !isArchived(project);
}

function Parts({ project }: { readonly project: Project }) {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const mayWrite = mayChange(project, session.scopes);
  const mayReview = session.scopes.includes("content:approve") && !isArchived(project);
  const form = useProjectForm(environment, project);
  const policy = usePolicyForm(environment, project.id);
  const isPending = form.isPending || policy.isPending;
  const isChanged = form.isChanged || policy.isChanged;
  const save = async () => {
    const asked = [...(form.isChanged ? [form.save()] : []), ...(policy.isChanged ? [policy.save()] : [])];
    const ended = await Promise.allSettled<unknown>(asked);
    if (ended.every(({ status }) => status === "fulfilled")) {
      // The bar goes away, and the focus with it.
      document.getElementById("screen")?.focus({ preventScroll: true });
      toast(policy.isChanged ? "Saved. The review policy holds for new content." : "The project is saved.");
    }
  };
  const leave = async () => {
    await navigate({ to: "/$environment/accounts/projects", params: { environment }, search: { status: "archived" } });
    queries.removeQueries({ queryKey: [environment, "projects", project.id] });
    await queries.invalidateQueries({ queryKey: [environment] });
  };
  const budgetIssues = Object.keys(form.issues).filter((path) => path.startsWith("budgets."));
  return (
    <>
      <form
        className="project"
        onSubmit={(event) => {
          event.preventDefault();
          if (isChanged && !form.isWrong && !isPending) void save();
        }}
      >
        {isArchived(project) && (
          <Notice>It is archived, which is final: it accepts no content, accounts or posts.</Notice>
        )}
        <ErrorNotice error={form.error} fields={[...SHOWN, ...budgetIssues]} />
        <Section id="project-general" title="General">
          <General project={project} form={form} isReadOnly={!mayWrite} />
          <Budgets project={project} form={form} isReadOnly={!mayWrite} />
        </Section>
        <Section id="project-review" title="Review of content">
          <ReviewPolicyFields environment={environment} projectId={project.id} form={policy} isReadOnly={!mayReview} />
        </Section>
        <Suspense>
          {mayReview && <PortalLinks environment={environment} project={project} />}
          <Channels environment={environment} project={project} mayWrite={mayWrite} />
        </Suspense>
        <Section id="project-more" title="For programs">
          <ReviewLinks form={form} isReadOnly={!mayWrite || !mayReview} />
          <Programs project={project} form={form} isReadOnly={!mayWrite} />
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
        </Section>
        {(isChanged || isPending) && (
          <div className="save-bar">
            <span role="status">{form.isWrong ? "Correct what is marked" : "Not saved yet"}</span>
            <Button
              isDisabled={isPending}
              onPress={() => {
                form.discard();
                policy.discard();
              }}
            >
              Discard
            </Button>
            <Button type="submit" kind="primary" isPending={isPending} isDisabled={form.isWrong}>
              Save
            </Button>
          </div>
        )}
      </form>
      {open === "archive" && mayWrite && (
        <ArchiveDialog environment={environment} project={project} onClose={() => void navigate({ search: {} })} />
      )}
      {session.scopes.includes("org:admin") && (open === "export" || (open === "erase" && isArchived(project))) && (
        <Suspense>
          <DataDialogs
            open={open}
            environment={environment}
            project={project}
            onClose={() => void navigate({ search: {} })}
            onErased={() => void leave()}
          />
        </Suspense>
      )}
    </>
  );
}
