import { getRouteApi } from "@tanstack/react-router";
import { ListOrdered } from "lucide-react";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { Notice } from "../../ui/Notice";
import { SearchField } from "../../ui/SearchField";
import { SkeletonRows } from "../../ui/Skeleton";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { QueueRow } from "./QueueRow";
import "./queue.css";
import { VIEWS, viewOf } from "./views";

const route = getRouteApi("/$environment/queue");
const ROWS = 25;

/** The posts of all projects, live. */
export default function Queue() {
  const { environment } = route.useParams();
  const { view: viewId, q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const view = viewOf(viewId);
  const live = useLiveUpdates(environment);
  const filter = { ...view.filter, limit: ROWS, ...(q && { q }) };
  const list = usePages([environment, "posts", "list", filter], () =>
    clientOf(environment).publishing.searchPosts(filter),
  );
  return (
    <Screen
      title="Queue"
      aside={
        live === "lost" ? <Badge tone="warn">not live</Badge> : live === "live" ? <Badge tone="good">live</Badge> : null
      }
      actions={
        <SearchField
          label="Search captions and handles"
          value={q}
          onSearch={(text) => void navigate({ search: (before) => ({ ...before, q: text || undefined }) })}
        />
      }
    >
      <TabLinks label="Views">
        {VIEWS.map(({ id, label }) => (
          <TabLink key={id} to="/$environment/queue" params={{ environment }} search={{ view: id, ...(q && { q }) }}>
            {label}
          </TabLink>
        ))}
      </TabLinks>
      {list.isPending && <SkeletonRows rows={10} height="64px" />}
      {list.error && <Notice tone="bad">{messageOf(list.error)}</Notice>}
      {!list.isPending && list.rows.length === 0 && !list.hasMore && (
        <div className="panel">
          <EmptyState icon={ListOrdered} title={q ? "No post matches" : view.label}>
            {q ? "Search for another part of a caption or handle." : view.empty}
          </EmptyState>
        </div>
      )}
      {list.rows.length > 0 && (
        <ul className="panel queue">
          {list.rows.map((post) => (
            <QueueRow key={post.id} environment={environment} post={post} />
          ))}
        </ul>
      )}
      {list.hasMore && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
    </Screen>
  );
}
