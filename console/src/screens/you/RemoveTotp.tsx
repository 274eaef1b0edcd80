import { useQueryClient } from "@tanstack/react-query";
import { clientOf } from "../../api/client";
import { ProofForm } from "../../security/ProofForm";
import type { Proof } from "../../security/proof";
import { readFactorsAgain } from "../../security/queries";
import { Dialog } from "../../ui/Dialog";
import { toast } from "../../ui/toasts";

/** Asks for a code or the password, and removes the authenticator app. */
export function RemoveTotp({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const send = async (proof: Proof) => {
    if ("code" in proof || "password" in proof) await clientOf("test").auth.removeTotp(proof);
    toast("Removed. Your other sessions have ended.");
    onClose();
    await readFactorsAgain(queries);
  };
  return (
    <Dialog isOpen onClose={onClose} title="Remove the authenticator app">
      <p className="soft">Without another second factor, your password alone signs you in again.</p>
      <ProofForm methods={["totp", "password"]} action="Remove" send={send} />
    </Dialog>
  );
}
