import { type ReactNode, useRef } from "react";
import { Button, type ButtonKind } from "./Button";

interface FileButtonProps {
  readonly kind?: ButtonKind;
  readonly isMultiple?: boolean;
  readonly isDisabled?: boolean;
  /** Types and endings, as the browser's dialog takes them. */
  readonly accepted: readonly string[];
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}

/** A button that opens the browser's dialog to choose files. */
export function FileButton(props: FileButtonProps) {
  const { kind = "plain", isMultiple = false, isDisabled, accepted, onFiles, children } = props;
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button kind={kind} isDisabled={isDisabled} onPress={() => input.current?.click()}>
        {children}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accepted.join(",")}
        multiple={isMultiple}
        onChange={({ target }) => {
          const files = [...(target.files ?? [])];
          target.value = ""; // so that the same file can be chosen again
          if (files.length > 0) onFiles(files);
        }}
      />
    </>
  );
}
