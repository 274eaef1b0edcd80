import { Dialog } from "../../ui/Dialog";

const READING = [
  ["J", "Next comment"],
  ["K", "Previous comment"],
  ["Esc", "Leave the field, or go back to the list"],
  ["?", "This list"],
] as const;

const WRITING = [
  ["R", "Write a reply"],
  ["Ctrl Enter", "Send it"],
  ["L", "Like, or take the like back"],
  ["H", "Hide, or show again"],
  ["A", "Assign"],
  ["N", "Write a note"],
  ["E", "Done, or open it again"],
] as const;

interface KeyListProps {
  readonly canWrite: boolean;
  readonly onClose: () => void;
}

/** The keys of the inbox. */
export default function KeyList({ canWrite, onClose }: KeyListProps) {
  return (
    <Dialog isOpen onClose={onClose} title="Keys">
      <dl className="comment-keys" tabIndex={0}>
        {[...(canWrite ? WRITING : []), ...READING].map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(" ").map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
