import { getRouteApi } from "@tanstack/react-router";
import { Layers as LayersIcon, Plus } from "lucide-react";
import type { Layer } from "presswork-client";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Time } from "../../ui/Time";
import { LayerDialog } from "./LayerDialog";
import { isManaged, providerOf } from "./layers";
import { ProjectFilter } from "./ProjectFilter";

const route = getRouteApi("/$environment/accounts-tabs/accounts/layers");

/** The layers of a project: which accounts a provider publishes for. */
export default function Layers() {
  const { environment } = route.useParams();
  const { project: chosen } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <ProjectFilter
      environment={environment}
      chosen={chosen}
      onChange={(project) => void navigate({ search: { project } })}
      what="A layer"
      icon={LayersIcon}
    >
      {(projectId) => <LayersOf key={projectId} projectId={projectId} />}
    </ProjectFilter>
  );
}

function LayersOf({ projectId }: { readonly projectId: string }) {
  const { environment } = route.useParams();
  const { layer: openId } = route.useSearch();
  const { session } = route.useRouteContext();
  const navigate = route.useNavigate();
  const list = usePages([environment, "accounts", "layers", projectId], () =>
    clientOf(environment).layers.list({ projectId }),
  );
  const show = (layer: string | undefined) => void navigate({ search: { project: projectId, layer } });
  const mayWrite = session.scopes.includes("projects:write");
  const opened = list.rows.find((layer) => layer.id === openId);
  const create = mayWrite && (
    <Button kind="primary" onPress={() => show("new")}>
      <Plus aria-hidden /> New layer
    </Button>
  );
  return (
    <>
      <div className="part-head">
        <p className="soft">
          A layer of managed distribution names the provider that publishes for its accounts. An account is in one layer
          at most.
        </p>
        {create}
      </div>
      <div className="panel">
        <DataTable
          label="Layers"
          list={list}
          idOf={(layer) => layer.id}
          columns={[
            {
              name: "Layer",
              cell: (layer) => (
                <Button kind="quiet" onPress={() => show(layer.id)}>
                  {nameOf(layer)}
                </Button>
              ),
            },
            { name: "Provider", cell: (layer) => providerOf(layer) ?? <span className="soft">none</span> },
            { name: "Accounts", cell: (layer) => layer.socialAccountIds.length },
            { name: "Changed", isAtEnd: true, cell: (layer) => <Time at={layer.updatedAt} isRelative /> },
          ]}
          empty={
            <EmptyState icon={LayersIcon} title="No layers">
              Without a layer, the project's accounts publish and draft by themselves. Create one if a provider
              publishes for some of them.
            </EmptyState>
          }
        />
      </div>
      {(opened !== undefined || (openId === "new" && mayWrite)) && (
        <LayerDialog
          environment={environment}
          projectId={projectId}
          layer={opened ?? null}
          isReadOnly={!mayWrite}
          onClose={() => show(undefined)}
        />
      )}
    </>
  );
}

function nameOf(layer: Layer): string {
  return isManaged(layer) ? "Managed distribution" : `Template ${layer.templateId.slice(0, 8)}`;
}
