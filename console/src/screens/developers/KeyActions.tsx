import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import type { ApiKey, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Menu, MenuItem } from "../../ui/Menu";
import { toast, toastError } from "../../ui/toasts";

type Change = "kill" | "revive" | "revoke";

const DONE: Readonly<Record<Change, string>> = {
  kill: "The key is switched off.",
  revive: "The key works again.",
  revoke: "The key is revoked.",
};

/** What can be done with a key: switch it off and on, or revoke it for good. */
export function KeyActions({ environment, apiKey }: { readonly environment: Environment; readonly apiKey: ApiKey }) {
  const queries = useQueryClient();
  const [isRevoking, setRevoking] = useState(false);
  const change = useMutation({
    mutationFn: (what: Change) => clientOf(environment).apiKeys[what]({ keyId: apiKey.id }),
    onSuccess: (_, what) => toast(DONE[what]),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setRevoking(false);
      return queries.invalidateQueries({ queryKey: [environment, "keys"] });
    },
  });
  if (apiKey.status === "revoked") return null;
  return (
    <>
      <Menu
        label={`Actions for ${apiKey.name || "this key"}`}
        trigger={
          <Button kind="quiet" isIcon aria-label={`Actions for ${apiKey.name || "this key"}`}>
            <Ellipsis aria-hidden />
          </Button>
        }
      >
        {apiKey.status === "active" ? (
          <MenuItem onAction={() => change.mutate("kill")}>Switch off</MenuItem>
        ) : (
          <MenuItem onAction={() => change.mutate("revive")}>Switch on</MenuItem>
        )}
        <MenuItem isDangerous onAction={() => setRevoking(true)}>
          Revoke
        </MenuItem>
      </Menu>
      {isRevoking && (
        <ConfirmDialog
          title="Revoke this key?"
          action="Revoke the key"
          isPending={change.isPending}
          onConfirm={() => change.mutate("revoke")}
          onClose={() => setRevoking(false)}
        >
          <p>Programs that use it get 401 from now on. A revoked key can't be used again.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
