import { CopyLine } from "./CopyLine";
import { WithDocs } from "./WithDocs";

/** What to do about a finding. What stands between backticks is code; commands can be copied. */
export function FixText({ fix }: { readonly fix: string }) {
  const parts = fix.split("`"); // every second part is code
  const commands = parts.filter((part, place) => place % 2 === 1 && part.includes(" "));
  return (
    <div className="fix">
      <p>
        {parts.map((part, place) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text that never move
          place % 2 === 1 ? <code key={place}>{part}</code> : <WithDocs key={place} text={part} />,
        )}
      </p>
      {commands.map((command) => (
        <CopyLine key={command} text={command} what={`the command ${command}`} />
      ))}
    </div>
  );
}
