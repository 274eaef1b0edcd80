import { useMutation } from "@tanstack/react-query";
import type { ProofMethod } from "presswork-client";
import { type FormEvent, useState } from "react";
import { clientOf } from "../api/client";
import { issuesOf } from "../api/errors";
import { Button } from "../ui/Button";
import { ErrorNotice } from "../ui/ErrorNotice";
import { PasswordField } from "../ui/PasswordField";
import { TextField } from "../ui/TextField";
import { METHOD_LABELS, type Proof, waysOf } from "./proof";
import "./security.css";
import { canUsePasskeys, signWithPasskey } from "./webauthn";

const FIELDS = ["code", "recoveryCode", "password"] as const;

interface ProofFormProps {
  readonly methods: readonly ProofMethod[];
  /** Sends what the person gave, and does what follows. */
  readonly send: (proof: Proof) => Promise<unknown>;
  /** Of the main button: "Sign in". */
  readonly action: string;
}

/** Asks a person for one of the things that prove who they are, and offers the others below. */
export function ProofForm({ methods, send, action }: ProofFormProps) {
  const ways = waysOf(methods, canUsePasskeys());
  const [chosen, setChosen] = useState(ways[0]);
  const [text, setText] = useState("");
  const prove = useMutation({
    mutationFn: async () => send(await proofOf(chosen, text)),
    onError: () => setText(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!prove.isPending) prove.mutate();
  };
  const choose = (method: ProofMethod) => {
    setChosen(method);
    setText("");
    prove.reset();
  };
  if (chosen === undefined) {
    return (
      <p>
        Your passkeys can't be used at this address. Open Presswork by its host name, or ask an administrator to reset
        your second factor.
      </p>
    );
  }
  return (
    <>
      <ErrorNotice error={prove.error} fields={FIELDS} />
      <form className="proof" onSubmit={submit}>
        <ProofField method={chosen} text={text} onText={setText} issues={issuesOf(prove.error)} />
        <Button kind="primary" type="submit" isPending={prove.isPending}>
          {chosen === "passkey" ? METHOD_LABELS.passkey : action}
        </Button>
      </form>
      {ways.length > 1 && (
        <p className="proof-ways">
          {ways
            .filter((method) => method !== chosen)
            .map((method) => (
              <Button key={method} kind="quiet" onPress={() => choose(method)}>
                {METHOD_LABELS[method]}
              </Button>
            ))}
        </p>
      )}
    </>
  );
}

interface ProofFieldProps {
  readonly method: ProofMethod;
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly issues: Readonly<Record<string, string>>;
}

function ProofField({ method, text, onText, issues }: ProofFieldProps) {
  if (method === "totp") {
    return (
      <TextField
        key="totp"
        label="Code"
        description="The six digits that your authenticator app shows."
        inputMode="numeric"
        autoComplete="one-time-code"
        isRequired
        autoFocus
        value={text}
        onChange={onText}
        error={issues["code"] && "This code is wrong, or was used before. Type the one that the app shows now."}
      />
    );
  }
  if (method === "recovery_code") {
    return (
      <TextField
        key="recovery"
        label="Recovery code"
        description="One of the ten codes that you stored. Each works once."
        autoComplete="off"
        isRequired
        autoFocus
        value={text}
        onChange={onText}
        error={issues["recoveryCode"] && "This code is wrong, or was used before. Type another one."}
      />
    );
  }
  if (method === "password") {
    return (
      <PasswordField
        label="Password"
        autoComplete="current-password"
        isRequired
        autoFocus
        value={text}
        onChange={onText}
        error={issues["password"] && "This is not your password."}
      />
    );
  }
  return <p className="soft">Your browser asks for a fingerprint, your face, a PIN or a security key.</p>;
}

async function proofOf(method: ProofMethod | undefined, text: string): Promise<Proof> {
  if (method === "totp") return { code: text };
  if (method === "recovery_code") return { recoveryCode: text };
  if (method === "password") return { password: text };
  const { publicKey } = await clientOf("test").auth.getPasskeyChallenge();
  return { passkey: await signWithPasskey(publicKey) };
}
