import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Environment, SandboxAccount } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../../api/client";
import { issuesOf } from "../../../api/errors";
import { accountName, PLATFORMS, platformName } from "../../../platforms/platforms";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { Select } from "../../../ui/Select";
import { TextField } from "../../../ui/TextField";
import { toast } from "../../../ui/toasts";

const TIERS = [
  { id: "business", label: "Business" },
  { id: "creator", label: "Creator" },
  { id: "personal", label: "Personal", description: "Instagram refuses to publish to it." },
] as const;

interface AccountDialogProps {
  readonly environment: Environment;
  readonly onClose: () => void;
}

/** The form for a fake account. */
export function AccountDialog({ environment, onClose }: AccountDialogProps) {
  const queries = useQueryClient();
  const [platform, setPlatform] = useState<SandboxAccount["platform"]>("instagram");
  const [handle, setHandle] = useState("");
  const [displayName, setDisplayName] = useState("");
  const [tier, setTier] = useState<SandboxAccount["tier"]>("business");
  const save = useMutation({
    mutationFn: () =>
      clientOf(environment).sandbox.saveAccount({ platform, handle, tier, ...(displayName && { displayName }) }),
    onSuccess: async (account) => {
      toast(`${accountName(account.platform, account.handle)} exists. Connect it under Accounts.`);
      onClose();
      await queries.invalidateQueries({ queryKey: [environment, "sandbox"] });
    },
  });
  const issues = issuesOf(save.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="New fake account"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={save.isPending}
            isDisabled={handle.trim() === ""}
            onPress={() => save.mutate()}
          >
            Create the account
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={["handle", "displayName"]} />
      <Select
        label="Platform"
        choices={PLATFORMS.map((id) => ({ id, label: platformName(id) }))}
        value={platform}
        onChange={setPlatform}
      />
      <TextField
        label="Handle"
        value={handle}
        onChange={setHandle}
        placeholder="corner.bakery"
        error={issues["handle"]}
        autoFocus
      />
      <TextField label="Name" value={displayName} onChange={setDisplayName} error={issues["displayName"]} />
      <Select label="Kind" choices={TIERS} value={tier} onChange={setTier} />
    </Dialog>
  );
}
