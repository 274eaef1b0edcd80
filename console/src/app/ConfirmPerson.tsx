import { clientOf } from "../api/client";
import type { Question } from "../api/confirmation";
import { ProofForm } from "../security/ProofForm";
import { Dialog } from "../ui/Dialog";

/** Asks the person to show that it is them, before a change that waits for it. */
export default function ConfirmPerson({ question }: { readonly question: Question }) {
  const { methods, answer } = question;
  const returnUrl = encodeURIComponent(location.pathname + location.search);
  return (
    <Dialog isOpen onClose={() => answer(false)} title="Confirm that it is you">
      <p className="soft">
        This change decides who may do what here, so Presswork asks again who you are. The answer counts for five
        minutes.
      </p>
      {methods.includes("oidc") ? (
        <>
          <p>Sign in again at your identity provider. You come back to this page, and make the change again.</p>
          <a className="button primary" href={`/auth/oidc/start?again=true&returnUrl=${returnUrl}`}>
            Sign in again
          </a>
        </>
      ) : (
        <ProofForm
          methods={methods}
          action="Confirm"
          send={async (proof) => {
            await clientOf("test").auth.confirm(proof);
            answer(true);
          }}
        />
      )}
    </Dialog>
  );
}
