import { useMutation, useQuery } from "@tanstack/react-query";
import type { AddedSecondFactor } from "presswork-client";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { clientOf } from "../api/client";
import { issuesOf } from "../api/errors";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { ErrorNotice } from "../ui/ErrorNotice";
import { SkeletonRows } from "../ui/Skeleton";
import { TextField } from "../ui/TextField";
import "./security.css";

const QrCode = lazy(() => import("./QrCode"));

/** Shows the secret of a new authenticator app as a QR code and as text, and asks for its first code. */
export function SetUpTotp({ onAdded }: { readonly onAdded: (added: AddedSecondFactor) => void }) {
  const { auth } = clientOf("test");
  const [code, setCode] = useState("");
  // Each opening makes a new secret, which no cache keeps.
  const secret = useQuery({ queryKey: ["new-totp"], queryFn: () => auth.beginTotp(), gcTime: 0, staleTime: Infinity });
  const confirm = useMutation({
    mutationFn: () => auth.confirmTotp({ code }),
    onSuccess: onAdded,
    onError: () => setCode(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  if (secret.error !== null) return <ErrorNotice error={secret.error} />;
  if (secret.data === undefined) return <SkeletonRows rows={4} />;
  return (
    <form className="proof" onSubmit={submit}>
      <p>
        Scan this with an authenticator app on your phone: the one of your password manager, or Google Authenticator,
        Microsoft Authenticator, 2FAS or Aegis.
      </p>
      <Suspense fallback={<div className="qr-code" />}>
        <QrCode text={secret.data.otpauthUrl} label="QR code for your authenticator app" />
      </Suspense>
      <details>
        <summary>Type it instead</summary>
        <p className="secret-text">
          <code>{secret.data.secret.match(/.{1,4}/g)?.join(" ")}</code>
          <CopyButton text={secret.data.secret} what="the secret" />
        </p>
      </details>
      <ErrorNotice error={confirm.error} fields={["code"]} />
      <TextField
        label="Code"
        description="The six digits that the app shows now."
        inputMode="numeric"
        autoComplete="one-time-code"
        isRequired
        value={code}
        onChange={setCode}
        error={issuesOf(confirm.error)["code"] && "This code is wrong. Type the one that the app shows now."}
      />
      <Button kind="primary" type="submit" isPending={confirm.isPending}>
        Turn on
      </Button>
    </form>
  );
}
