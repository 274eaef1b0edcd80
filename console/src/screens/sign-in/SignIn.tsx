import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { CurrentSession } from "presswork-client";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { Sheet } from "../../app/Sheet";
import { canUsePasskeys, signWithPasskey } from "../../security/webauthn";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { PasswordField } from "../../ui/PasswordField";
import { TextField } from "../../ui/TextField";

const SecondStep = lazy(async () => ({ default: (await import("../../security/SecondStep")).SecondStep }));

/** Sign-in by e-mail address and password, or at the organization's identity provider. */
export default function SignIn() {
  const { next, passwordChanged } = useSearch({ from: "/sign-in" });
  const { data: session } = useSuspenseQuery(sessionQuery);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const onSignedIn = async (returnUrl: string | null) => {
    if (returnUrl !== null) return location.assign(returnUrl); // the server has checked that it is one of its own pages
    await queries.invalidateQueries();
    return navigate({ to: next ?? "/" });
  };
  const continueWith = async (current: CurrentSession) => {
    if (current.next) queries.setQueryData(sessionQuery.queryKey, current);
    else await onSignedIn(null);
  };
  const signIn = useMutation({
    mutationFn: () => clientOf("test").auth.signIn({ email, password }),
    onSuccess: continueWith,
  });
  const withPasskey = useMutation({
    mutationFn: async () => {
      const { publicKey } = await clientOf("test").auth.getPasskeyChallenge();
      return clientOf("test").auth.sendSecondFactor({ passkey: await signWithPasskey(publicKey) });
    },
    onSuccess: () => onSignedIn(null),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  if (session.next) {
    return (
      <Suspense>
        <SecondStep session={session} onSignedIn={onSignedIn} />
      </Suspense>
    );
  }
  const isPasskeyOffered = canUsePasskeys();
  return (
    <Sheet title="Sign in">
      {passwordChanged && <Notice tone="good">Your password was changed. Sign in with it.</Notice>}
      <ErrorNotice error={signIn.error ?? withPasskey.error} />
      <Form onSubmit={submit}>
        <TextField
          label="E-mail"
          type="email"
          autoComplete="username"
          isRequired
          autoFocus
          value={email}
          onChange={setEmail}
        />
        <PasswordField
          label="Password"
          autoComplete="current-password"
          isRequired
          value={password}
          onChange={setPassword}
        />
        <Button kind="primary" type="submit" isPending={signIn.isPending}>
          Sign in
        </Button>
      </Form>
      {(session.oidc || isPasskeyOffered) && <div className="separator">or</div>}
      {isPasskeyOffered && (
        <Button isPending={withPasskey.isPending} onPress={() => withPasskey.mutate()}>
          Sign in with a passkey
        </Button>
      )}
      {session.oidc && (
        <a
          className="button plain"
          href={`${session.oidc.startUrl}?returnUrl=${encodeURIComponent(`/console${next ?? ""}`)}`}
        >
          Continue with {session.oidc.provider}
        </a>
      )}
      <p className="soft small">
        No account? An admin of your organization can invite you. On the server, <code>presswork user link</code> makes
        a new link.
      </p>
    </Sheet>
  );
}
