import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { FlaskConical, Lock } from "lucide-react";
import { messageOf } from "../../../api/errors";
import { EmptyState } from "../../../ui/EmptyState";
import { Loaded } from "../../../ui/Loaded";
import { SkeletonRows } from "../../../ui/Skeleton";
import { Faults } from "./Faults";
import { Feeds } from "./Feeds";
import { stateQuery } from "./queries";
import { SandboxSettings } from "./SandboxSettings";
import "../developers.css";
import "./sandbox.css";

const route = getRouteApi("/$environment/developers/sandbox");

/** The fake platforms: what goes wrong there, what was published, and their settings. */
export default function Sandbox() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const isAdmin = session.isInstallationAdmin;
  if (environment !== "test") {
    return (
      <div className="panel">
        <EmptyState
          icon={FlaskConical}
          title="Live posts go to the real platforms"
          actions={
            <Link className="button plain" to="/$environment/developers/sandbox" params={{ environment: "test" }}>
              Open the sandbox of the test environment
            </Link>
          }
        >
          The sandbox and its faults belong to the test environment. Nothing that is set there affects live posts.
        </EmptyState>
      </div>
    );
  }
  if (!isAdmin) {
    return (
      <div className="panel">
        <EmptyState icon={Lock} title="Administrators control the sandbox">
          Posts of test projects are on its pages: <a href="/sandbox/">open the feeds</a>.
        </EmptyState>
      </div>
    );
  }
  return <Controls />;
}

function Controls() {
  const { environment } = route.useParams();
  const state = useQuery(stateQuery(environment));
  const failed = (error: Error) => (
    <div className="panel">
      <EmptyState icon={FlaskConical} title="The sandbox can't be controlled here">
        {messageOf(error)}
      </EmptyState>
    </div>
  );
  return (
    <Loaded query={state} skeleton={<SkeletonRows />} failed={failed}>
      {(sandbox) => (
        <div className="sandbox">
          <Faults environment={environment} state={sandbox} />
          <Feeds environment={environment} url={sandbox.url} />
          <SandboxSettings environment={environment} state={sandbox} />
        </div>
      )}
    </Loaded>
  );
}
