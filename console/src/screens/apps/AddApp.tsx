import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Environment, PlatformApp, PlatformName } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { platformsQuery } from "../../platforms/descriptions";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { appsKey, credentialNames } from "./apps";

interface AddAppProps {
  readonly environment: Environment;
  readonly onClose: () => void;
  readonly onAdded: (app: PlatformApp) => void;
}

/**
 * The first step of adding an app: its ID and secret. No login uses it until it is registered and checked, which its own page
 * leads through: a network may ask for its verify token at once.
 */
export function AddApp({ environment, onClose, onAdded }: AddAppProps) {
  const queries = useQueryClient();
  const platforms = useQuery(platformsQuery).data ?? [];
  const [platform, setPlatform] = useState<PlatformName | null>(null);
  const [name, setName] = useState("");
  const [clientId, setClientId] = useState("");
  const [clientSecret, setClientSecret] = useState("");
  const add = useMutation({
    mutationFn: (to: PlatformName) =>
      clientOf(environment).platformApps.create({ platform: to, name, clientId, clientSecret, projectIds: [] }),
    onSuccess: async (app) => {
      onAdded(app);
      await queries.invalidateQueries({ queryKey: appsKey(environment) });
    },
  });
  const issues = issuesOf(add.error);
  const names = credentialNames(platform ?? "facebook");
  const isComplete = platform !== null && [name, clientId, clientSecret].every((text) => text.trim() !== "");
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Add an app"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={add.isPending}
            isDisabled={!isComplete}
            onPress={() => platform !== null && add.mutate(platform)}
          >
            Add the app
          </Button>
        </>
      }
    >
      <ErrorNotice error={add.error} fields={["platform", "name", "clientId", "clientSecret"]} />
      <p className="soft">
        {environment === "test"
          ? "In Test, the sandbox plays the networks and accepts any ID and secret."
          : "Register the app on the network's page for developers first."}{" "}
        No login uses the app until you choose where.
      </p>
      <Select
        label="Network"
        choices={platforms
          .filter(({ takesCustomerApps }) => takesCustomerApps)
          .map(({ name: id }) => ({
            id,
            label: platformName(id),
            icon: <PlatformIcon platform={id} />,
            ...(id === "facebook" && { description: "Pages, and Instagram accounts by their Page" }),
          }))}
        value={platform}
        onChange={setPlatform}
        error={issues["platform"]}
      />
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        placeholder="Corner Bakery"
        description="For you: the network's page shows the name that the app has there."
        error={issues["name"]}
      />
      <TextField
        label={names.id}
        value={clientId}
        onChange={setClientId}
        autoComplete="off"
        error={issues["clientId"]}
      />
      <TextField
        label={names.secret}
        type="password"
        value={clientSecret}
        onChange={setClientSecret}
        autoComplete="off"
        description="Stored encrypted, and not shown again."
        error={issues["clientSecret"]}
      />
    </Dialog>
  );
}
