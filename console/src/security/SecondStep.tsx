import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type AddedSecondFactor, type CurrentSession, UnauthenticatedError } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../api/client";
import { sessionQuery } from "../api/session";
import { Sheet } from "../app/Sheet";
import { Button } from "../ui/Button";
import { ErrorNotice } from "../ui/ErrorNotice";
import { AddPasskey } from "./AddPasskey";
import { ProofForm } from "./ProofForm";
import { RecoveryCodes } from "./RecoveryCodes";
import { SetUpTotp } from "./SetUpTotp";
import { canUsePasskeys } from "./webauthn";

interface SecondStepProps {
  readonly session: CurrentSession;
  /** Continues once the person is signed in, at a page of this server if the sign-in began on another one than the console. */
  readonly onSignedIn: (returnUrl: string | null) => Promise<unknown>;
}

/** The second step of a sign-in: a second factor, or setting one up where the organization demands it. */
export function SecondStep({ session, onSignedIn }: SecondStepProps) {
  const queries = useQueryClient();
  const [added, setAdded] = useState<AddedSecondFactor | null>(null);
  if (added !== null) {
    return (
      <Sheet title="Your recovery codes">
        <RecoveryCodes codes={added.recoveryCodes ?? []} />
        <Button kind="primary" onPress={() => void onSignedIn(added.returnUrl)}>
          I have stored them
        </Button>
      </Sheet>
    );
  }
  if (session.next === "set_up_second_factor") {
    const onAdded = (factor: AddedSecondFactor) =>
      factor.recoveryCodes === null ? void onSignedIn(factor.returnUrl) : setAdded(factor);
    return <SetUp onAdded={onAdded} />;
  }
  return (
    <Sheet title="Second step">
      <ProofForm
        methods={session.methods ?? []}
        action="Sign in"
        send={async (proof) => {
          if ("password" in proof) return; // it was the first step
          try {
            const { returnUrl } = await clientOf("test").auth.sendSecondFactor(proof);
            await onSignedIn(returnUrl ?? null);
          } catch (error) {
            // It has expired: back to the first step.
            if (error instanceof UnauthenticatedError) await queries.invalidateQueries(sessionQuery);
            throw error;
          }
        }}
      />
      <StartAgain />
    </Sheet>
  );
}

function SetUp({ onAdded }: { readonly onAdded: (added: AddedSecondFactor) => void }) {
  const [isPasskey, setPasskey] = useState(false);
  return (
    <Sheet title="Set up a second factor">
      <p className="soft">
        Your organization asks for more than a password: a code of an app on your phone, or a passkey of this device.
      </p>
      {isPasskey ? <AddPasskey onAdded={onAdded} /> : <SetUpTotp onAdded={onAdded} />}
      {canUsePasskeys() && (
        <Button kind="quiet" onPress={() => setPasskey(!isPasskey)}>
          {isPasskey ? "Use an authenticator app instead" : "Use a passkey instead"}
        </Button>
      )}
      <StartAgain />
    </Sheet>
  );
}

/** Leads back to the first step, as another person or after ten minutes. */
function StartAgain() {
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: () => clientOf("test").auth.signOut(),
    onSuccess: (session) => queries.setQueryData(sessionQuery.queryKey, session),
  });
  return (
    <>
      <ErrorNotice error={leave.error} />
      <Button kind="quiet" isPending={leave.isPending} onPress={() => leave.mutate()}>
        Sign in as another person
      </Button>
    </>
  );
}
