import { Dialog } from "../../ui/Dialog";

const KEYS = [
  ["J", "Next item"],
  ["K", "Previous item"],
  ["A", "Approve"],
  ["N", "Approve with a note"],
  ["C", "Request changes"],
  ["R", "Reject"],
  ["M", "Mark a place in the picture, or a moment of the video"],
  ["← →", "Pictures of a slideshow"],
  ["X", "Select the item"],
  ["Enter", "After a change: I have looked again"],
  ["Ctrl Enter", "Send the note"],
  ["Esc", "Close the note, or go back to the inbox"],
  ["?", "This list"],
] as const;

/** The keys of the inbox. */
export default function KeyList({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Keys">
      <dl className="key-list" tabIndex={0}>
        {KEYS.map(([keys, what]) => (
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
