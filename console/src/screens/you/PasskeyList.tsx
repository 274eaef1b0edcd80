import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Passkey } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { passkeysQuery, readFactorsAgain } from "../../security/queries";
import { Button } from "../../ui/Button";
import { ConfirmDialog } from "../../ui/ConfirmDialog";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toastError } from "../../ui/toasts";

/** The person's passkeys, with a button that removes each. */
export function PasskeyList() {
  const queries = useQueryClient();
  const query = useQuery(passkeysQuery);
  const [chosen, setChosen] = useState<Passkey | null>(null);
  const remove = useMutation({
    mutationFn: (passkeyId: string) => clientOf("test").auth.removePasskey({ passkeyId }),
    onError: (error) => toastError(messageOf(error)),
    onSettled: () => {
      setChosen(null);
      return readFactorsAgain(queries);
    },
  });
  return (
    <Loaded query={query} skeleton={<SkeletonRows rows={1} />}>
      {(passkeys) => (
        <ul>
          {passkeys.map((passkey) => (
            <li key={passkey.id} className="factor">
              <div>
                <p>{passkey.name}</p>
                <p className="soft small">
                  Added <Time at={passkey.createdAt} isRelative />,{" "}
                  {passkey.lastUsedAt === null ? (
                    "not used yet"
                  ) : (
                    <>
                      last used <Time at={passkey.lastUsedAt} isRelative />
                    </>
                  )}
                </p>
              </div>
              <Button kind="danger" aria-label={`Remove ${passkey.name}`} onPress={() => setChosen(passkey)}>
                Remove
              </Button>
            </li>
          ))}
          {chosen !== null && (
            <ConfirmDialog
              title={`Remove ${chosen.name}?`}
              action="Remove the passkey"
              isPending={remove.isPending}
              onConfirm={() => remove.mutate(chosen.id)}
              onClose={() => setChosen(null)}
            >
              <p>You can't sign in with it any more, and your other sessions end.</p>
            </ConfirmDialog>
          )}
        </ul>
      )}
    </Loaded>
  );
}
