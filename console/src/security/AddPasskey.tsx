import { useMutation } from "@tanstack/react-query";
import type { AddedSecondFactor } from "presswork-client";
import { type FormEvent, useState } from "react";
import { clientOf } from "../api/client";
import { issuesOf } from "../api/errors";
import { Button } from "../ui/Button";
import { ErrorNotice } from "../ui/ErrorNotice";
import { TextField } from "../ui/TextField";
import "./security.css";
import { makePasskey } from "./webauthn";

/** Asks for the name of a passkey, and has the browser make it. */
export function AddPasskey({ onAdded }: { readonly onAdded: (added: AddedSecondFactor) => void }) {
  const { auth } = clientOf("test");
  const [name, setName] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      const { publicKey } = await auth.beginPasskey();
      return auth.addPasskey({ name, passkey: await makePasskey(publicKey) });
    },
    onSuccess: onAdded,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="proof" onSubmit={submit}>
      <p>Your browser then asks for a fingerprint, your face, a PIN or a security key.</p>
      <ErrorNotice error={add.error} fields={["name"]} />
      <TextField
        label="Name"
        description="How you recognize it, for example “Laptop” or “Blue key”."
        isRequired
        autoFocus
        maxLength={200}
        value={name}
        onChange={setName}
        error={issuesOf(add.error)["name"]}
      />
      <Button kind="primary" type="submit" isPending={add.isPending}>
        Add the passkey
      </Button>
    </form>
  );
}
