import { useState } from "react";
import { randomKey } from "../../api/client";
import { Button } from "../../ui/Button";
import { CopyButton } from "../../ui/CopyButton";
import { Dialog } from "../../ui/Dialog";
import "./call-dialog.css";
import type { Call } from "./call";
import { codeOf } from "./code";
import { LANGUAGES, type Language } from "./search";

interface CallDialogProps {
  readonly call: Call;
  readonly language: Language;
  readonly onLanguage: (language: Language) => void;
  readonly onClose: () => void;
}

/** Exactly the call that the button makes, as a program. */
export default function CallDialog({ call, language, onLanguage, onClose }: CallDialogProps) {
  const [fixed] = useState(() => ({ ...call, idempotencyKey: randomKey() }));
  const code = codeOf(fixed, language, location.origin);
  const label = LANGUAGES.find(({ id }) => id === language)?.label ?? "";
  return (
    <Dialog isOpen onClose={onClose} title="This call as code" size="large">
      <div className="call-languages">
        {LANGUAGES.map(({ id, label: name }) => (
          <Button
            key={id}
            kind={id === language ? "plain" : "quiet"}
            aria-pressed={id === language}
            onPress={() => onLanguage(id)}
          >
            {name}
          </Button>
        ))}
        <CopyButton text={code} what={`the ${label} code`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: so that a keyboard can scroll it */}
      <section className="call-code" tabIndex={0} aria-label={`${label} code`}>
        <pre>{code}</pre>
      </section>
      <p className="soft small">
        It reads the key from <code>PRESSWORK_API_KEY</code>, which needs the scope <code>publish:write</code>
        {call.change !== null && (
          <>
            {" "}
            and <code>content:write</code>
          </>
        )}
        . Run twice, it posts once: the idempotency key stays the same.
      </p>
    </Dialog>
  );
}
