import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Environment, SocialAccount } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { mayCompose } from "../../app/NewPost";
import { Screen } from "../../app/Screen";
import { accountName, platformName } from "../../platforms/platforms";
import { accountQuery } from "../../posts/queries";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Loaded } from "../../ui/Loaded";
import { Notice } from "../../ui/Notice";
import { SkeletonRows } from "../../ui/Skeleton";
import { useFirstSteps } from "../home/useFirstSteps";
import { ProblemBadges } from "./AccountBadges";
import "./accounts.css";
import { type BegunLogin, failureOf, recallLogin } from "./logins";
import { needsLogin } from "./readiness";
import { loginStatusQuery, useLogin } from "./useLogin";

const route = getRouteApi("/$environment/accounts/connected");

/** Where the platform leads back to: what was connected, or what happened instead and what to do. */
export default function Connected() {
  const { environment } = route.useParams();
  const { login: id, layers_oauth_error: code } = route.useSearch();
  const login = recallLogin(id);
  const status = useQuery({ ...loginStatusQuery(environment, login?.state ?? ""), enabled: login !== null });
  return (
    <Screen title={status.data?.status === "connected" ? "Connected" : "Connect an account"}>
      <div className="connected">
        {login === null ? (
          <Unknown environment={environment} code={code} />
        ) : (
          <Ended environment={environment} login={login} />
        )}
      </div>
    </Screen>
  );
}

interface EndedProps {
  readonly environment: Environment;
  readonly login: BegunLogin;
}

function Ended({ environment, login }: EndedProps) {
  const status = useQuery(loginStatusQuery(environment, login.state));
  return (
    <Loaded query={status} skeleton={<SkeletonRows rows={2} />}>
      {({ status: state, socialAccountIds, error }) =>
        state === "pending" ? (
          <SkeletonRows rows={2} />
        ) : state === "connected" ? (
          <>
            {socialAccountIds.map((accountId) => (
              <Connection key={accountId} environment={environment} login={login} accountId={accountId} />
            ))}
            <Next environment={environment} projectId={login.projectId} />
          </>
        ) : (
          <Failed environment={environment} login={login} code={error} />
        )
      }
    </Loaded>
  );
}

function Connection({ environment, login, accountId }: EndedProps & { readonly accountId: string }) {
  const query = useQuery(accountQuery(environment, accountId));
  return (
    <Loaded query={query} skeleton={<SkeletonRows rows={2} />}>
      {(account) => <Success environment={environment} login={login} account={account} />}
    </Loaded>
  );
}

function Success({ environment, login, account }: EndedProps & { readonly account: SocialAccount }) {
  const projects = useQuery(projectsQuery(environment));
  const { socialAccountId: accountId, handle, platform, projectId } = account;
  const project = projects.data?.find((one) => one.id === projectId);
  return (
    <>
      <Notice
        tone="good"
        title={`${accountName(platform, handle)} on ${platformName(platform)} is connected${login.socialAccountId ? " again" : ""}.`}
      >
        {project && `It belongs to the project ${project.name}. `}
        <Link to="/$environment/accounts/$accountId" params={{ environment, accountId }}>
          Open the account
        </Link>
      </Notice>
      {needsLogin(account) && (
        <Notice tone="warn" title="A permission is missing.">
          Some modes need more than was granted. Connect the account again, and agree to everything.
        </Notice>
      )}
      <ProblemBadges account={account} />
    </>
  );
}

/** What people do after an account is connected: the next one while they begin, else a post. */
function Next({ environment, projectId }: { readonly environment: Environment; readonly projectId: string }) {
  const { session } = route.useRouteContext();
  const isBeginning = useFirstSteps(environment, session) !== null;
  const another = (
    <Link
      key="another"
      className={isBeginning ? "button primary" : "button plain"}
      to="/$environment/accounts"
      params={{ environment }}
      search={{ open: "connect", project: projectId }}
    >
      Connect another
    </Link>
  );
  const compose = mayCompose(session) && (
    <Link
      key="compose"
      className={isBeginning ? "button plain" : "button primary"}
      to="/$environment/compose"
      params={{ environment }}
    >
      Compose
    </Link>
  );
  return (
    <div className="connected-next">
      {isBeginning ? [another, compose] : [compose, another]}
      <Link className="button plain" to="/$environment/accounts" params={{ environment }}>
        All accounts
      </Link>
    </div>
  );
}

function Failed({ environment, login, code }: EndedProps & { readonly code: string | null }) {
  const { leave } = useLogin(environment);
  const { what, next } = failureOf(code, login.platform);
  const { state: _, ...request } = login;
  return (
    <>
      <Notice tone="bad" title={what}>
        {next}
      </Notice>
      {leave.isError && <ErrorNotice error={leave.error} />}
      <div className="connected-next">
        <Button kind="primary" isPending={leave.isPending} onPress={() => leave.mutate(request)}>
          Begin again
        </Button>
        <Link className="button plain" to="/$environment/accounts" params={{ environment }}>
          All accounts
        </Link>
      </div>
    </>
  );
}

function Unknown({ environment, code }: { readonly environment: Environment; readonly code: string | undefined }) {
  const { what, next } = failureOf(code, undefined);
  return (
    <>
      {code === undefined ? (
        <Notice title="The login began in another browser.">
          Look at the list to see whether the account is there.
        </Notice>
      ) : (
        <Notice tone="bad" title={what}>
          {next}
        </Notice>
      )}
      <div className="connected-next">
        <Link className="button primary" to="/$environment/accounts" params={{ environment }}>
          All accounts
        </Link>
      </div>
    </>
  );
}
