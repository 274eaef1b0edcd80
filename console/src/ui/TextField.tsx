import type { ReactNode } from "react";
import {
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextArea,
} from "react-aria-components";
import "./field.css";
import { refusedBy } from "./validation";

interface TextFieldProps extends Omit<AriaTextFieldProps, "className" | "children"> {
  readonly label: string;
  readonly description?: ReactNode;
  /** What is wrong and what to do; the field is invalid while it is set. */
  readonly error?: string | undefined;
  readonly placeholder?: string;
  /** The number of lines of a text area; without it, a single line. */
  readonly rows?: number;
}

/** A labelled line or area of text. */
export function TextField({ label, description, error, placeholder = "", rows, ...props }: TextFieldProps) {
  return (
    <AriaTextField {...props} {...refusedBy(error)} className="field">
      <Label>{label}</Label>
      {rows === undefined ? (
        <Input className="input" placeholder={placeholder} />
      ) : (
        <TextArea className="input area" rows={rows} placeholder={placeholder} />
      )}
      {description !== undefined && (
        <Text slot="description" className="description">
          {description}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
    </AriaTextField>
  );
}
