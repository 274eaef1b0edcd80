import { getRouteApi } from "@tanstack/react-router";
import { Screen } from "../../app/Screen";
import { Dialog } from "../../ui/Dialog";
import { CheckButton, useIsChecking } from "./CheckButton";
import { Findings } from "./Findings";
import { Guarded } from "./Guarded";
import { Headline } from "./Headline";
import { Panels } from "./Panels";
import { Platforms } from "./Platforms";
import { PublicAddress } from "./PublicAddress";
import { Workers } from "./Workers";
import "./system.css";
import "./wizard.css";

const route = getRouteApi("/$environment/system");

/** The installation: what needs attention and how to fix it, what runs, and how far the platforms are set up. */
export default function System() {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const isChecking = useIsChecking();
  return (
    <Screen title="System" actions={session.isInstallationAdmin ? <CheckButton /> : undefined}>
      <Guarded>
        {(system) => (
          <div className="system">
            <div className="system-main">
              <Headline system={system} isChecking={isChecking || system.isChecking} />
              {system.checkedAt !== null && <Findings environment={environment} system={system} />}
              <Platforms environment={environment} publicUrl={system.publicUrl} platforms={system.platforms} />
              <Workers workers={system.workers} />
            </div>
            <div className="system-side">
              <Panels system={system} />
            </div>
            {open === "address" && (
              <Dialog isOpen title="Public address" onClose={() => void navigate({ search: {} })}>
                <PublicAddress />
              </Dialog>
            )}
          </div>
        )}
      </Guarded>
    </Screen>
  );
}
