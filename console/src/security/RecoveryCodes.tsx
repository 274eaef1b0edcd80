import { Download, Printer } from "lucide-react";
import { Button } from "../ui/Button";
import { CopyButton } from "../ui/CopyButton";
import { Notice } from "../ui/Notice";
import "./security.css";

/** Ten recovery codes, which are shown once: to copy, to download, and to print. */
export function RecoveryCodes({ codes }: { readonly codes: readonly string[] }) {
  const text = codes.join("\n");
  const download = () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/plain" }));
    link.download = "presswork-recovery-codes.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <div className="recovery">
      <Notice tone="warn">
        Store these codes where you find them without your phone. Each signs you in once instead of a code, and they are
        not shown again.
      </Notice>
      <ol className="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <div className="recovery-actions">
        <CopyButton text={text} what="the recovery codes" />
        <Button kind="quiet" isIcon aria-label="Download the recovery codes" onPress={download}>
          <Download aria-hidden />
        </Button>
        <Button kind="quiet" isIcon aria-label="Print the recovery codes" onPress={() => window.print()}>
          <Printer aria-hidden />
        </Button>
      </div>
    </div>
  );
}
