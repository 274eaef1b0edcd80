import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, PlatformApp } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { isArchived, projectsQuery } from "../../api/projects";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { CheckboxList } from "../../ui/CheckboxList";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { toast } from "../../ui/toasts";
import { appQuery, appsKey, type Places, placesText, refusalOf } from "./apps";

interface AppPlacesProps {
  readonly environment: Environment;
  readonly app: PlatformApp;
}

const KINDS = [
  { id: "all", label: "All projects", description: "Also future ones, except those that have an app of their own" },
  { id: "some", label: "Some projects" },
  { id: "none", label: "No new logins", description: "Accounts that are connected with it go on using it" },
] as const;
type Kind = (typeof KINDS)[number]["id"];

function kindOf(places: Places): Kind {
  if (places === null) return "all";
  return places.length === 0 ? "none" : "some";
}

/** Where logins use the app, with the form that moves it. */
export function AppPlaces({ environment, app }: AppPlacesProps) {
  const projects = useQuery(projectsQuery(environment)).data ?? [];
  const [isMoving, setMoving] = useState(false);
  const isUnused = app.projectIds?.length === 0;
  const named = app.projectIds?.map((id) => projects.find((one) => one.id === id)?.name ?? "a project") ?? [];
  return (
    <>
      <p>
        {isUnused
          ? app.accountCount > 0 && "New logins do not use it. Accounts that are connected with it go on using it."
          : `New logins of ${platformName(app.platform)} use it in ${
              app.projectIds === null ? "all projects that have no app of their own" : named.join(", ")
            }.`}
      </p>
      <div className="app-actions">
        <Button
          kind={isUnused && app.lastCheck?.result === "accepted" ? "primary" : "plain"}
          onPress={() => setMoving(true)}
        >
          {isUnused ? "Choose where" : "Change"}
        </Button>
      </div>
      {isMoving && <MoveApp environment={environment} app={app} onClose={() => setMoving(false)} />}
    </>
  );
}

function MoveApp({ environment, app, onClose }: AppPlacesProps & { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const projects = useQuery(projectsQuery(environment)).data ?? [];
  const [kind, setKind] = useState<Kind>(app.projectIds?.length === 0 ? "all" : kindOf(app.projectIds));
  const [chosen, setChosen] = useState<readonly string[]>(app.projectIds ?? []);
  const places: Places = kind === "all" ? null : kind === "none" ? [] : chosen;
  const save = useMutation({
    mutationFn: () => clientOf(environment).platformApps.update({ platformAppId: app.id, projectIds: places }),
    onSuccess: async (changed) => {
      queries.setQueryData(appQuery(environment, app.id).queryKey, changed);
      toast(`Saved. Used in: ${placesText(places, (id) => projects.find((one) => one.id === id)?.name)}.`);
      onClose();
      await queries.invalidateQueries({ queryKey: appsKey(environment) });
    },
  });
  const refusal = refusalOf(save.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Where the app is used"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={kind === "some" && chosen.length === 0}
            onPress={() => save.mutate()}
          >
            Save
          </Button>
        </>
      }
    >
      {refusal?.reason === "place_taken" ? (
        <PlaceTaken environment={environment} app={app} platformAppId={refusal.platformAppId} />
      ) : (
        <ErrorNotice error={save.error} />
      )}
      <Select label="New logins use it in" choices={KINDS} value={kind} onChange={setKind} />
      {kind === "some" && (
        <CheckboxList
          label="Projects"
          choices={projects
            .filter((project) => !isArchived(project) || chosen.includes(project.id))
            .map(({ id, name }) => ({ value: id, label: name }))}
          value={chosen}
          onChange={setChosen}
        />
      )}
      <p className="soft">Accounts that are connected keep their app until they are connected again.</p>
    </Dialog>
  );
}

interface PlaceTakenProps extends AppPlacesProps {
  /** The app that has the place. */
  readonly platformAppId: string | null;
}

function PlaceTaken({ environment, app, platformAppId }: PlaceTakenProps) {
  const other = useQuery({ ...appQuery(environment, platformAppId ?? ""), enabled: platformAppId !== null }).data;
  return (
    <Notice
      tone="bad"
      actions={
        platformAppId !== null && (
          <Link
            className="button plain"
            to="/$environment/accounts/apps/$appId"
            params={{ environment, appId: platformAppId }}
            search={{}}
          >
            Open that app
          </Link>
        )
      }
    >
      {other === undefined ? "Another app" : `“${other.name}”`} is already used there for {platformName(app.platform)}.
      A place has one app of a network: change where that one is used first.
    </Notice>
  );
}
