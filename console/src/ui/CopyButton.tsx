import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./Button";
import { toastError } from "./toasts";

const SHOWN_MS = 2_000;

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, for example "the post's id". */
  readonly what: string;
}

/** Copies a text to the clipboard, and shows that it did. */
export function CopyButton({ text, what }: CopyButtonProps) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    if (await copied(text)) setCopied(true);
    else toastError("This browser does not let the page copy. Select the text, and copy it.");
  };
  return (
    <Button kind="quiet" isIcon aria-label={isCopied ? "Copied" : `Copy ${what}`} onPress={() => void copy()}>
      {isCopied ? <Check aria-hidden /> : <Copy aria-hidden />}
    </Button>
  );
}

/** Copies a text, and returns whether it is in the clipboard. */
async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https or the permission, browsers block the clipboard API; execCommand still works.
    const source = document.createElement("pre");
    source.className = "visually-hidden";
    source.style.whiteSpace = "pre"; // lines stay lines
    source.textContent = text;
    document.body.append(source);
    getSelection()?.selectAllChildren(source);
    const isCopied = document.execCommand("copy");
    source.remove();
    return isCopied;
  }
}
