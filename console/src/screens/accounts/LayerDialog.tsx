import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, Layer } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { AccountChoice } from "./AccountChoice";
import { isManaged, MANAGED_TEMPLATE, parseConfig, providerOf } from "./layers";

interface LayerDialogProps {
  readonly environment: Environment;
  readonly projectId: string;
  /** null: a new one. */
  readonly layer: Layer | null;
  readonly isReadOnly: boolean;
  readonly onClose: () => void;
}

/** A layer: its template, provider or configuration, and accounts. */
export function LayerDialog({ environment, projectId, layer, isReadOnly, onClose }: LayerDialogProps) {
  const queries = useQueryClient();
  const { layers } = clientOf(environment);
  const [isForProvider, setForProvider] = useState(layer === null || isManaged(layer));
  const [templateId, setTemplateId] = useState(layer?.templateId ?? MANAGED_TEMPLATE);
  const [provider, setProvider] = useState(
    layer === null ? (environment === "test" ? "sandbox" : "") : (providerOf(layer) ?? ""),
  );
  const [config, setConfig] = useState(layer === null ? "" : JSON.stringify(layer.config, null, 2));
  const [isDeleting, setDeleting] = useState(false);
  const [accountIds, setAccountIds] = useState<readonly string[]>(layer?.socialAccountIds ?? []);
  const parsed = isForProvider ? { config: { ...layer?.config, provider } } : parseConfig(config);
  const settled = {
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "accounts"] }),
  };
  const save = useMutation({
    mutationFn: async () => {
      if ("problem" in parsed) return;
      const fields = {
        projectId,
        templateId: isForProvider ? MANAGED_TEMPLATE : templateId.trim(),
        config: parsed.config,
        socialAccountIds: accountIds,
      };
      await (layer === null ? layers.create(fields) : layers.update({ ...fields, layerId: layer.id }));
    },
    onSuccess: () => {
      toast(layer === null ? "The layer is created." : "The layer is saved.");
      onClose();
    },
    ...settled,
  });
  const remove = useMutation({
    mutationFn: async () => layer && layers.delete({ projectId, layerId: layer.id }),
    onSuccess: () => {
      toast("The layer is deleted. Its accounts stay connected.");
      onClose();
    },
    ...settled,
  });
  const issues = issuesOf(save.error);
  if (isDeleting && layer !== null) {
    return (
      <ConfirmDialog
        title="Delete this layer?"
        action="Delete the layer"
        isPending={remove.isPending}
        onConfirm={() => remove.mutate()}
        onClose={() => setDeleting(false)}
      >
        {remove.isError && <ErrorNotice error={remove.error} />}
        <p>Its accounts stay connected, without a layer. Posts that a provider already has stay with it.</p>
      </ConfirmDialog>
    );
  }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={layer === null ? "New layer" : "Layer"}
      actions={
        !isReadOnly && (
          <>
            {layer !== null && (
              <Button kind="danger" onPress={() => setDeleting(true)}>
                Delete
              </Button>
            )}
            <Button
              kind="primary"
              isPending={save.isPending}
              isDisabled={"problem" in parsed || (isForProvider && provider === "")}
              onPress={() => save.mutate()}
            >
              {layer === null ? "Create the layer" : "Save"}
            </Button>
          </>
        )
      }
    >
      <ErrorNotice error={save.error} fields={isForProvider ? ["config"] : ["templateId", "config"]} />
      <Select
        label="Purpose"
        isDisabled={isReadOnly}
        choices={[
          {
            id: "managed",
            label: "Managed distribution",
            description: "A provider publishes posts in the mode managed",
          },
          {
            id: "own",
            label: "A template of your own",
            description: "Presswork stores it; your program gives it a meaning",
          },
        ]}
        value={isForProvider ? "managed" : "own"}
        onChange={(purpose) => {
          setForProvider(purpose === "managed");
          if (templateId === MANAGED_TEMPLATE) setTemplateId("");
        }}
      />
      {isForProvider ? (
        <TextField
          label="Provider"
          value={provider}
          onChange={setProvider}
          isDisabled={isReadOnly}
          description={
            environment === "test"
              ? "The sandbox's provider is always there, under the name sandbox."
              : "A name that the operator has added with `presswork provider add`."
          }
          error={issues["config"]}
        />
      ) : (
        <>
          <TextField
            label="Template"
            value={templateId}
            onChange={setTemplateId}
            isDisabled={isReadOnly}
            description="A UUID."
            error={issues["templateId"]}
          />
          <TextField
            label="Configuration"
            rows={5}
            value={config}
            onChange={setConfig}
            isDisabled={isReadOnly}
            placeholder="{}"
            error={("problem" in parsed ? parsed.problem : undefined) ?? issues["config"]}
          />
        </>
      )}
      <AccountChoice
        environment={environment}
        projectId={projectId}
        layerId={layer?.id ?? null}
        value={accountIds}
        onChange={isReadOnly ? () => undefined : setAccountIds}
      />
    </Dialog>
  );
}
