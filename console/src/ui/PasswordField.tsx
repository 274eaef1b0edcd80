import { Check, Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { FieldError, Input, Label, Text, TextField, type TextFieldProps } from "react-aria-components";
import { Button } from "./Button";
import "./field.css";
import "./password-field.css";
import { refusedBy } from "./validation";

interface PasswordFieldProps extends Omit<TextFieldProps, "className" | "children" | "type" | "value"> {
  readonly label: string;
  readonly value: string;
  /** What a new password needs: its sign turns green once it has that. */
  readonly least?: { readonly length: number; readonly text: string };
  readonly error?: string | undefined;
}

/** A password, which its owner may look at. */
export function PasswordField({ label, value, least, error, ...props }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  const isLongEnough = least !== undefined && value.length >= least.length;
  return (
    <TextField
      {...props}
      {...refusedBy(error)}
      value={value}
      {...(least !== undefined && { minLength: least.length })}
      type={isShown ? "text" : "password"}
      className="field"
    >
      <Label>{label}</Label>
      <div className="password-input">
        <Input className="input" spellCheck={false} autoCapitalize="none" />
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
        <Text slot="description" className={isLongEnough ? "description met" : "description"}>
          {isLongEnough && <Check role="img" aria-label="Done:" />} {least.text}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
    </TextField>
  );
}
