import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { sessionQuery } from "../../api/session";
import { Sheet } from "../../app/Sheet";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { PasswordField } from "../../ui/PasswordField";
import { TextField } from "../../ui/TextField";

/** Sign-in by e-mail address and password, or at the organization's identity provider. */
export default function SignIn() {
  const { next, passwordChanged } = useSearch({ from: "/sign-in" });
  const { data: session } = useSuspenseQuery(sessionQuery);
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: () => clientOf("test").auth.signIn({ email, password }),
    onSuccess: async () => {
      await queries.invalidateQueries();
      await navigate({ to: next ?? "/" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Sheet title="Sign in">
      {passwordChanged && <Notice tone="good">Your password was changed. Sign in with it.</Notice>}
      {signIn.isError && <ErrorNotice error={signIn.error} />}
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
      {session.oidc && (
        <>
          <div className="separator">or</div>
          <a
            className="button plain"
            href={`${session.oidc.startUrl}?returnUrl=${encodeURIComponent(`/console${next ?? ""}`)}`}
          >
            Continue with {session.oidc.provider}
          </a>
        </>
      )}
      <p className="soft small">
        No account? An admin of your organization can invite you. On the server, <code>presswork user link</code> makes
        a new link.
      </p>
    </Sheet>
  );
}
