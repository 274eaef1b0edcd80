import type { Environment } from "presswork-client";
import { useEffect, useRef } from "react";
import { useZones } from "../../api/projects";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { InboxRow } from "./InboxRow";
import type { Waiting } from "./inbox";
import type { Inbox } from "./useInbox";

interface InboxListProps {
  readonly environment: Environment;
  readonly inbox: Inbox;
  readonly openId: string | undefined;
  readonly selected: readonly Waiting[];
  /** Without the right to approve, nothing can be selected. */
  readonly onSelect: ((ids: readonly string[]) => void) | undefined;
  readonly onApprove: () => void;
  readonly onShare: () => void;
}

/** What waits, the most urgent first. */
export function InboxList({ environment, inbox, openId, selected, onSelect, onApprove, onShare }: InboxListProps) {
  const formerId = useRef<string | undefined>(undefined);
  useEffect(() => {
    formerId.current = openId; // after the rows' own effects
  }, [openId]);
  const zoneOf = useZones(environment);
  const ids = selected.map(({ content }) => content.id);
  const toggle = (id: string) => onSelect?.(ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id]);
  const isAll = ids.length === inbox.items.length;
  return (
    <section className="panel inbox-list" aria-label="Inbox">
      {onSelect !== undefined && (
        <div className="inbox-head">
          <Checkbox
            isSelected={isAll}
            isIndeterminate={ids.length > 0 && !isAll}
            onChange={() => onSelect(isAll ? [] : inbox.items.map(({ content }) => content.id))}
          >
            {ids.length === 0 ? "Select all" : `${ids.length} selected`}
          </Checkbox>
          {ids.length > 0 && (
            <span className="inbox-acts">
              <Button onPress={onShare}>Share {ids.length}</Button>
              <Button kind="primary" onPress={onApprove}>
                Approve {ids.length}
              </Button>
            </span>
          )}
        </div>
      )}
      <ul>
        {inbox.items.map((item) => (
          <InboxRow
            key={item.content.id}
            environment={environment}
            item={item}
            zone={zoneOf(item.content.projectId)}
            isOpen={item.content.id === openId}
            formerId={formerId}
            isSelected={ids.includes(item.content.id)}
            onToggle={onSelect && (() => toggle(item.content.id))}
          />
        ))}
      </ul>
      {inbox.hasMore && (
        <div className="more">
          <Button isPending={inbox.isFetchingMore} onPress={inbox.fetchMore}>
            Show more
          </Button>
        </div>
      )}
    </section>
  );
}
