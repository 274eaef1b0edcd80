import { MessageCircle } from "lucide-react";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { type Inbox, isFiltered } from "./search";

interface EmptyCommentsProps {
  readonly inbox: Inbox;
  readonly onClear: () => void;
}

/** A view without comments: why, and what to do. */
export function EmptyComments({ inbox, onClear }: EmptyCommentsProps) {
  const isNarrow = isFiltered(inbox);
  return (
    <div className="panel">
      <EmptyState
        icon={MessageCircle}
        title={isNarrow ? "No comment matches" : inbox.view.emptyTitle}
        actions={isNarrow && <Button onPress={onClear}>Clear the filters</Button>}
      >
        {isNarrow ? "Set fewer filters, or look at another view." : inbox.view.empty}
      </EmptyState>
    </div>
  );
}
