import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Sheet } from "../../app/Sheet";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PasswordField } from "../../ui/PasswordField";
import { TextField } from "../../ui/TextField";

const LEAST_LENGTH = 8;

/** The target of an invitation: a person chooses a password. */
export function Accept() {
  return <LinkForm isFirst={false} />;
}

/** The target of the link that `presswork up` prints: the first admin names themselves. */
export function SetUp() {
  return <LinkForm isFirst />;
}

function LinkForm({ isFirst }: { readonly isFirst: boolean }) {
  // The token is in the fragment, which no server and no log sees.
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get("token"));
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const accept = useMutation({
    mutationFn: () =>
      clientOf("test").auth.acceptLink({
        token: token ?? "",
        password,
        ...(name && { name }),
        ...(email && { email }),
      }),
    onSuccess: async (session) => {
      await queries.invalidateQueries();
      await navigate({ to: session.next ? "/sign-in" : "/", replace: true });
    },
  });
  if (!token) {
    return (
      <Sheet title="This link is not complete">
        <p>
          Open the whole link from the invitation or the terminal. If you have an account already,{" "}
          <Link to="/sign-in">sign in</Link>.
        </p>
      </Sheet>
    );
  }
  const issues = issuesOf(accept.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    accept.mutate();
  };
  return (
    <Sheet title={isFirst ? "Set up Presswork" : "Welcome to Presswork"}>
      <p className="soft">
        {isFirst
          ? "You become the first admin of this installation. The link works once."
          : "Choose a password for your account. The link works once."}
      </p>
      <ErrorNotice error={accept.error} fields={isFirst ? ["name", "email", "password"] : ["name", "password"]} />
      <Form onSubmit={submit}>
        <TextField
          label="Name"
          autoComplete="name"
          isRequired={isFirst}
          autoFocus
          value={name}
          onChange={setName}
          error={issues["name"]}
        />
        {isFirst && (
          <TextField
            label="E-mail"
            type="email"
            autoComplete="username"
            isRequired
            value={email}
            onChange={setEmail}
            error={issues["email"]}
          />
        )}
        <PasswordField
          label="Password"
          autoComplete="new-password"
          least={{ length: LEAST_LENGTH, text: `At least ${LEAST_LENGTH} characters. A sentence is easy to remember.` }}
          isRequired
          value={password}
          onChange={setPassword}
          error={issues["password"]}
        />
        <Button kind="primary" type="submit" isPending={accept.isPending}>
          {isFirst ? "Create account" : "Sign in"}
        </Button>
      </Form>
    </Sheet>
  );
}
