import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { PasswordField } from "../../ui/PasswordField";

/** The form for another password. All sessions end with it, so that it leads to the sign-in. */
export function ChangePassword() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [currentPassword, setCurrentPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const change = useMutation({
    mutationFn: () => clientOf("test").auth.changePassword({ currentPassword, newPassword }),
    onSuccess: async () => {
      queries.clear();
      await navigate({ to: "/sign-in", search: { passwordChanged: true } });
    },
  });
  const issues = issuesOf(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <section className="panel you-part" aria-labelledby="you-password">
      <h2 id="you-password">Password</h2>
      <ErrorNotice error={change.error} fields={["currentPassword", "newPassword"]} />
      <Form onSubmit={submit}>
        <PasswordField
          label="Current password"
          autoComplete="current-password"
          isRequired
          value={currentPassword}
          onChange={setCurrentPassword}
          error={issues["currentPassword"]}
        />
        <PasswordField
          label="New password"
          autoComplete="new-password"
          least={{ length: 8, text: "At least 8 characters. All your sessions end, and you sign in with it." }}
          isRequired
          value={newPassword}
          onChange={setNewPassword}
          error={issues["newPassword"]}
        />
        <Button type="submit" isPending={change.isPending}>
          Change the password
        </Button>
      </Form>
    </section>
  );
}
