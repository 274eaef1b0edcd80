import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Pencil, Trash2 } from "lucide-react";
import type { PlatformApp } from "presswork-client";
import { Screen } from "../../app/Screen";
import { platformName } from "../../platforms/platforms";
import { BackLink } from "../../ui/BackLink";
import { Loaded } from "../../ui/Loaded";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { RareActions } from "../../ui/RareActions";
import { SkeletonRows } from "../../ui/Skeleton";
import { WizardStep } from "../system/WizardStep";
import { AppAccounts } from "./AppAccounts";
import { AppAddresses } from "./AppAddresses";
import { AppCredentials } from "./AppCredentials";
import { AppPlaces } from "./AppPlaces";
import { ToReconnect } from "./ToReconnect";
import "../system/system.css";
import "../system/wizard.css";
import "./apps.css";
import { appQuery, checkResult, credentialNames } from "./apps";
import { DeleteApp } from "./DeleteApp";
import { RenameApp } from "./RenameApp";

const route = getRouteApi("/$environment/accounts/apps/$appId");

/** One app of the organization: what to register, whether it works, where it is used, and whose accounts move to it. */
export default function PlatformAppPage() {
  const { environment, appId } = route.useParams();
  const navigate = route.useNavigate();
  const query = useQuery(appQuery(environment, appId));
  const show = (dialog: "rename" | "delete") => void navigate({ search: { open: dialog } });
  return (
    <Screen
      title={query.data?.name ?? "Platform app"}
      actions={
        query.data !== undefined && (
          <RareActions
            actions={[
              { label: "Rename", icon: Pencil, onAction: () => show("rename") },
              { label: "Delete", icon: Trash2, isDangerous: true, onAction: () => show("delete") },
            ]}
          />
        )
      }
    >
      <BackLink to="/$environment/accounts/apps" params={{ environment }}>
        Platform apps
      </BackLink>
      <Loaded query={query} skeleton={<SkeletonRows />}>
        {(app) => <Parts app={app} />}
      </Loaded>
    </Screen>
  );
}

function Parts({ app }: { readonly app: PlatformApp }) {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const close = () => void navigate({ search: {} });
  const isUnused = app.projectIds?.length === 0;
  return (
    <div className="wizard">
      <p className="soft app-network">
        <PlatformIcon platform={app.platform} /> {platformName(app.platform)}, {credentialNames(app.platform).id} …
        {app.clientIdHint}
      </p>
      <ol className="wizard-steps">
        <WizardStep number={1} title={`Register these addresses with ${platformName(app.platform)}`} results={[]}>
          <AppAddresses environment={environment} app={app} />
        </WizardStep>
        <WizardStep number={2} title="Check ID and secret" results={[checkResult(app)]}>
          <AppCredentials environment={environment} app={app} />
        </WizardStep>
        <WizardStep
          number={3}
          title="Choose where it is used"
          results={
            isUnused && app.accountCount === 0 ? [{ status: "open", message: "No login uses it yet.", fix: null }] : []
          }
        >
          <AppPlaces environment={environment} app={app} />
        </WizardStep>
        <WizardStep number={4} title="Connect accounts again" results={[]}>
          <ToReconnect environment={environment} app={app} isAdmin={session.isInstallationAdmin} />
        </WizardStep>
      </ol>
      <AppAccounts environment={environment} app={app} />
      {open === "rename" && <RenameApp environment={environment} app={app} onClose={close} />}
      {open === "delete" && (
        <DeleteApp
          environment={environment}
          app={app}
          onClose={close}
          onDeleted={() => navigate({ to: "/$environment/accounts/apps", params: { environment } })}
        />
      )}
    </div>
  );
}
