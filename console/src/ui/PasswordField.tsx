import { Check, Eye, EyeOff } from "lucide-react";
import { useId, useState } from "react";
import { Button } from "./Button";
import "./field.css";
import "./password-field.css";

interface PasswordFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What a new password needs: its sign turns green once it has that. */
  readonly least?: { readonly length: number; readonly text: string };
  readonly error?: string | undefined;
  readonly autoComplete: "current-password" | "new-password";
  readonly autoFocus?: boolean;
  readonly isRequired?: boolean;
}

/** A password, which its owner may look at. */
export function PasswordField(props: PasswordFieldProps) {
  const { label, value, onChange, least, error, autoComplete, autoFocus, isRequired } = props;
  const id = useId();
  const [isShown, setShown] = useState(false);
  const isLongEnough = least !== undefined && value.length >= least.length;
  const described = [least !== undefined && `${id}least`, error !== undefined && `${id}error`];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="password-input">
        <input
          id={id}
          className="input"
          type={isShown ? "text" : "password"}
          value={value}
          onChange={({ target }) => onChange(target.value)}
          minLength={least?.length}
          aria-describedby={described.filter((one) => one !== false).join(" ")}
          aria-invalid={error !== undefined}
          autoComplete={autoComplete}
          // biome-ignore lint/a11y/noAutofocus: the only thing that a person does on its page
          autoFocus={autoFocus}
          required={isRequired}
          spellCheck={false}
          autoCapitalize="none"
        />
        <Button
          kind="quiet"
          isIcon
          aria-label={isShown ? "Hide what you type" : "Show what you type"}
          onPress={() => setShown(!isShown)}
        >
          {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
      </div>
      {least !== undefined && (
        <span id={`${id}least`} className={isLongEnough ? "description met" : "description"}>
          {isLongEnough && <Check role="img" aria-label="Done:" />} {least.text}
        </span>
      )}
      {error !== undefined && (
        <span id={`${id}error`} className="error">
          {error}
        </span>
      )}
    </div>
  );
}
