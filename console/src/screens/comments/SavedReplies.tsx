import { BookmarkPlus } from "lucide-react";
import type { Environment } from "presswork-client";
import { lazy } from "react";
import { Button } from "../../ui/Button";
import { Overlay } from "../../ui/Overlay";

const load = () => import("./SavedRepliesMenu");
const SavedRepliesMenu = lazy(load);

export interface SavedRepliesProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly onInsert: (text: string) => void;
  readonly onManage: () => void;
}

/** The button that inserts a saved reply. */
export function SavedReplies(props: SavedRepliesProps) {
  return (
    <Overlay
      kind="menu"
      load={load}
      trigger={
        <Button kind="quiet">
          <BookmarkPlus aria-hidden /> Saved replies
        </Button>
      }
    >
      {(place) => <SavedRepliesMenu {...props} place={place} />}
    </Overlay>
  );
}
