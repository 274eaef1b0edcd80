import { ACTIONS } from "../../posts/actions/actions";
import { ACTION_IDS } from "../../posts/actions/ids";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";

interface Keys {
  readonly title: string;
  readonly keys: readonly (readonly [string, string])[];
}

const READING: Keys = {
  title: "Go",
  keys: [
    ["j", "To the next row"],
    ["k", "To the previous row"],
    ["Enter", "Open the post, or a row into its posts"],
    ["/", "Search"],
    ["?", "This list"],
  ],
};

const CHANGING: readonly Keys[] = [
  { title: "Write", keys: [["c", "A new post"]] },
  {
    title: "Select",
    keys: [
      ["x", "Select the row"],
      ["Shift x", "Select all rows from the last selected one"],
      ["Shift j", "Select the next row, too"],
      ["Shift k", "Select the previous row, too"],
      ["Shift a", "Select all posts that are shown"],
      ["Escape", "Select nothing"],
    ],
  },
  {
    title: "Do, with what is selected, else with the row at hand",
    keys: ACTION_IDS.map((id) => [ACTIONS[id].key, ACTIONS[id].label] as const),
  },
];

interface KeysDialogProps {
  readonly canChange: boolean;
  readonly onClose: () => void;
}

/** What the keys do. */
export function KeysDialog({ canChange, onClose }: KeysDialogProps) {
  const parts = canChange ? [READING, ...CHANGING] : [READING];
  return (
    <Dialog isOpen onClose={onClose} title="Keyboard" actions={<Button onPress={onClose}>Close</Button>}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: on a small screen the list is scrolled, by keys too */}
      <div tabIndex={0}>
        {parts.map(({ title, keys }) => (
          <section key={title} className="keys">
            <h3>{title}</h3>
            <dl>
              {keys.map(([key, effect]) => (
                <div key={key}>
                  <dt>
                    {key.split(" ").map((part) => (
                      <kbd key={part}>{part}</kbd>
                    ))}
                  </dt>
                  <dd>{effect}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
