import { type KeyboardEvent, type ReactNode, type Ref, useId } from "react";
import "./field.css";

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  /** Not for a field that is only read. */
  readonly onChange?: (value: string) => void;
  readonly description?: ReactNode;
  /** What is wrong and what to do; the field is invalid while it is set. */
  readonly error?: string | undefined;
  readonly placeholder?: string | undefined;
  /** The number of lines of a text area; without it, a single line. */
  readonly rows?: number | undefined;
  readonly type?: "text" | "email" | "url" | "tel" | "password";
  readonly inputMode?: "numeric" | "decimal" | "url" | "tel" | undefined;
  readonly autoComplete?: string;
  readonly autoFocus?: boolean;
  readonly isRequired?: boolean;
  readonly isDisabled?: boolean | undefined;
  readonly isReadOnly?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number | undefined;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  readonly ref?: Ref<HTMLInputElement & HTMLTextAreaElement>;
}

/** A labelled line or area of text: the browser's own. */
export function TextField(props: TextFieldProps) {
  const { label, onChange, description, error, rows, isRequired, isDisabled, isReadOnly, ...native } = props;
  const id = useId();
  const field = {
    ...native,
    id,
    onChange: ({ target }: { readonly target: { readonly value: string } }) => onChange?.(target.value),
    "aria-describedby": [description !== undefined && `${id}description`, error !== undefined && `${id}error`]
      .filter((one) => one !== false)
      .join(" "),
    "aria-invalid": error !== undefined,
    required: isRequired,
    disabled: isDisabled,
    readOnly: isReadOnly,
  };
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {rows === undefined ? (
        <input type="text" {...field} className="input" />
      ) : (
        <textarea {...field} rows={rows} className="input area" />
      )}
      {description !== undefined && (
        <span id={`${id}description`} className="description">
          {description}
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
