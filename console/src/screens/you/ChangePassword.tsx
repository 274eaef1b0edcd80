import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { clientOf } from "../../api/client";
import { issuesOf, messageOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";

/** The form for another password. It ends all other sessions. */
export function ChangePassword() {
  const queries = useQueryClient();
  const [currentPassword, setCurrentPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const change = useMutation({
    mutationFn: () => clientOf("test").auth.changePassword({ currentPassword, newPassword }),
    onSuccess: async () => {
      setCurrentPassword("");
      setNewPassword("");
      toast("Your password was changed, and your other sessions ended.");
      await queries.invalidateQueries({ queryKey: ["sessions"] });
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
      {change.isError && Object.keys(issues).length === 0 && <Notice tone="bad">{messageOf(change.error)}</Notice>}
      <Form onSubmit={submit}>
        <TextField
          label="Current password"
          type="password"
          autoComplete="current-password"
          isRequired
          value={currentPassword}
          onChange={setCurrentPassword}
          error={issues["currentPassword"]}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          description="It ends your sessions in other browsers."
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
