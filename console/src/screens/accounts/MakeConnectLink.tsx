import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, PlatformName } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { PLATFORMS, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { CheckboxList } from "../../ui/CheckboxList";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";

const LIFETIMES = [
  { id: "24", label: "1 day" },
  { id: "72", label: "3 days" },
  { id: "168", label: "7 days" },
  { id: "720", label: "30 days" },
] as const;

interface MakeConnectLinkProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly onClose: () => void;
  /** Called with the address of the page, which is shown once. */
  readonly onMade: (url: string) => void;
}

/** The form for a new connect link. */
export function MakeConnectLink({ environment, projectId, onClose, onMade }: MakeConnectLinkProps) {
  const queries = useQueryClient();
  const [platforms, setPlatforms] = useState<readonly PlatformName[]>(PLATFORMS);
  const [hours, setHours] = useState<(typeof LIFETIMES)[number]["id"]>("168");
  const [uses, setUses] = useState("1");
  const [returnUrl, setReturnUrl] = useState("");
  const make = useMutation({
    mutationFn: () =>
      clientOf(environment).connectLinks.create({
        projectId,
        expiresInHours: Number(hours),
        maxUses: Number(uses),
        ...(platforms.length < PLATFORMS.length && { platforms }),
        ...(returnUrl.trim() !== "" && { returnUrl: returnUrl.trim() }),
      }),
    onSuccess: async ({ url }) => {
      onClose();
      onMade(url);
      await queries.invalidateQueries({ queryKey: [environment, "accounts", "links"] });
    },
  });
  const issues = issuesOf(make.error);
  const isCount = /^\d+$/.test(uses) && Number(uses) > 0;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New connect link"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={make.isPending}
            isDisabled={platforms.length === 0 || !isCount}
            onPress={() => make.mutate()}
          >
            Make the link
          </Button>
        </>
      }
    >
      <ErrorNotice error={make.error} fields={["maxUses", "returnUrl"]} />
      <CheckboxList
        label="Platforms"
        choices={PLATFORMS.map((value) => ({ value, label: platformName(value) }))}
        value={platforms}
        onChange={setPlatforms}
      />
      <Select label="Expires after" choices={LIFETIMES} value={hours} onChange={setHours} />
      <TextField
        label="Uses"
        value={uses}
        onChange={setUses}
        inputMode="numeric"
        description="How many logins may finish through the link."
        error={issues["maxUses"]}
      />
      <TextField
        label="Return URL"
        value={returnUrl}
        onChange={setReturnUrl}
        description="Where each login ends. Without it, people see the result on the page of the link. From the console it must be on the host of this server; a key may use its return domains."
        error={issues["returnUrl"]}
      />
    </Dialog>
  );
}
