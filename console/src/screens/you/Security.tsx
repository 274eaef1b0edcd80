import { useQuery, useQueryClient } from "@tanstack/react-query";
import type { AddedSecondFactor } from "presswork-client";
import { lazy, useState } from "react";
import { factorsQuery, readFactorsAgain } from "../../security/queries";
import { canUsePasskeys } from "../../security/webauthn";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { Time } from "../../ui/Time";
import { toast } from "../../ui/toasts";
import { PasskeyList } from "./PasskeyList";
import { RemoveTotp } from "./RemoveTotp";
import { RenewCodes } from "./RenewCodes";

const AddPasskey = lazy(async () => ({ default: (await import("../../security/AddPasskey")).AddPasskey }));
const RecoveryCodes = lazy(async () => ({ default: (await import("../../security/RecoveryCodes")).RecoveryCodes }));
const SetUpTotp = lazy(async () => ({ default: (await import("../../security/SetUpTotp")).SetUpTotp }));

type Opened = "totp" | "passkey" | "remove-totp" | "codes" | null;

/** The person's second factors: an authenticator app, passkeys, and recovery codes for when both are lost. */
export function Security() {
  const queries = useQueryClient();
  const query = useQuery(factorsQuery);
  const [opened, setOpened] = useState<Opened>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const close = () => setOpened(null);
  const onAdded = async ({ recoveryCodes }: AddedSecondFactor) => {
    setOpened(null);
    setCodes(recoveryCodes);
    if (recoveryCodes === null) toast("Added. Your other sessions have ended.");
    await readFactorsAgain(queries);
  };
  return (
    <section className="panel you-part" aria-labelledby="you-security">
      <header className="you-head">
        <h2 id="you-security">Second factor</h2>
        {query.data !== undefined && (query.data.totpSince !== null || query.data.passkeys > 0) && (
          <Badge tone="good">on</Badge>
        )}
      </header>
      <p className="soft">
        With one, your password alone lets no one in.{" "}
        {query.data?.isRequired && "Your organization asks you to have one."}
      </p>
      <Loaded query={query} skeleton={<SkeletonRows rows={3} />}>
        {({ totpSince, passkeys, recoveryCodes }) => (
          <div>
            <div className="factor">
              <div>
                <p>Authenticator app</p>
                <p className="soft small">
                  {totpSince === null ? (
                    "Not set up"
                  ) : (
                    <>
                      Since <Time at={totpSince} isRelative />
                    </>
                  )}
                </p>
              </div>
              <div className="factor-actions">
                <Button onPress={() => setOpened("totp")}>{totpSince === null ? "Set up" : "Replace"}</Button>
                {totpSince !== null && (
                  <Button kind="danger" onPress={() => setOpened("remove-totp")}>
                    Remove
                  </Button>
                )}
              </div>
            </div>
            <div className="factor">
              <div>
                <p>Passkeys</p>
                <p className="soft small">
                  {canUsePasskeys()
                    ? "Sign in with a fingerprint, your face, a PIN or a security key."
                    : "They need https and a host name, or localhost."}
                </p>
              </div>
              <Button isDisabled={!canUsePasskeys()} onPress={() => setOpened("passkey")}>
                Add
              </Button>
            </div>
            {passkeys > 0 && <PasskeyList />}
            {(totpSince !== null || passkeys > 0) && (
              <div className="factor">
                <div>
                  <p>Recovery codes</p>
                  <p className="soft small">{recoveryCodes} of 10 left</p>
                </div>
                <Button onPress={() => setOpened("codes")}>Make new ones</Button>
              </div>
            )}
          </div>
        )}
      </Loaded>
      <Dialog isOpen={opened === "totp"} onClose={close} title="Set up an authenticator app">
        <SetUpTotp onAdded={(added) => void onAdded(added)} />
      </Dialog>
      <Dialog isOpen={opened === "passkey"} onClose={close} title="Add a passkey">
        <AddPasskey onAdded={(added) => void onAdded(added)} />
      </Dialog>
      {opened === "remove-totp" && <RemoveTotp onClose={close} />}
      {opened === "codes" && (
        <RenewCodes
          onClose={close}
          onRenewed={(renewed) => {
            setOpened(null);
            setCodes(renewed);
          }}
        />
      )}
      <Dialog
        isAlert
        isOpen={codes !== null}
        onClose={() => setCodes(null)}
        title="Your recovery codes"
        actions={
          <Button kind="primary" onPress={() => setCodes(null)}>
            I have stored them
          </Button>
        }
      >
        <RecoveryCodes codes={codes ?? []} />
      </Dialog>
    </section>
  );
}
