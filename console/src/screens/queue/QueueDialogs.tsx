import type { Environment } from "presswork-client";
import { ActionDialog } from "../../posts/actions/ActionDialog";
import { ACTIONS } from "../../posts/actions/actions";
import { BulkResults } from "../../posts/actions/BulkResults";
import { bulkOfText, isBulk, type StartedBulk, TO_QUEUE, textOfBulk } from "../../posts/actions/ids";
import type { Row } from "../../posts/groups";
import { usePostsById } from "../../posts/usePostsById";
import MoveToQueue from "../../queues/MoveToQueue";
import type { Filter } from "./filter";
import { KeysDialog } from "./KeysDialog";
import { MatchingDialog } from "./MatchingDialog";
import { ALL, CLOSED, listOf, type QueueSearch, textOf } from "./search";
import type { Selection } from "./useSelection";

interface QueueDialogsProps {
  readonly environment: Environment;
  readonly search: QueueSearch;
  readonly filter: Filter;
  /** The rows as they are shown. */
  readonly rows: readonly Row[];
  readonly selection: Selection;
  readonly zoneOf: (projectId: string) => string;
  readonly canChange: boolean;
  readonly isHere: () => boolean;
  readonly onSearch: (change: Partial<QueueSearch>) => void;
}

/** The dialog that the address names. */
export default function QueueDialogs(props: QueueDialogsProps) {
  const { environment, search, filter, rows, selection, zoneOf, canChange, isHere, onSearch } = props;
  const shown = rows.flatMap(({ posts }) => posts);
  const action = search.act === "keys" || search.act === TO_QUEUE ? undefined : search.act;
  const isAll = action !== undefined && search.on === undefined && selection.isAll;
  const ids =
    search.act === undefined || search.act === "keys"
      ? []
      : search.on === undefined
        ? selection.ids
        : listOf(search.on);
  const targets = usePostsById(environment, ids, shown, shown);

  /** The posts whose call failed are selected then. */
  const close = (failed?: readonly string[]) => {
    onSearch(CLOSED);
    if (failed === undefined) return;
    if (search.on === undefined) selection.set(failed);
    else if (failed.length > 0) selection.set([...selection.ids, ...failed]);
  };
  /** Once a run ends whose dialog was closed before, only the posts whose call failed stay selected. */
  const deselect = (done: readonly string[]) => {
    if (isHere()) selection.remove([...done, ALL]);
  };
  const show = (did: QueueSearch["did"]) => (started: readonly StartedBulk[]) =>
    onSearch({ act: undefined, jobs: textOf(started.map(textOfBulk)), did });

  if (search.act === "keys") return <KeysDialog canChange={canChange} onClose={() => onSearch(CLOSED)} />;
  if (!canChange) return null;
  const jobs = listOf(search.jobs).flatMap((text) => bulkOfText(text) ?? []);
  if (jobs.length > 0) {
    const { did = "move" } = search;
    return (
      <BulkResults
        key={search.jobs}
        environment={environment}
        jobs={jobs}
        done={did === "undo" ? "moved back" : ACTIONS[did].done}
        isTakeDown={did === "takeDown"}
        posts={shown}
        onClose={close}
        onLeft={deselect}
        onUndo={show("undo")}
      />
    );
  }
  if (search.act === TO_QUEUE) {
    const [first, ...others] = targets.posts;
    if (first === undefined || targets.isPending) return null;
    return <MoveToQueue environment={environment} posts={[first, ...others]} onClose={() => onSearch(CLOSED)} />;
  }
  if (action === undefined) return null;
  if (isAll && isBulk(action)) {
    return (
      <MatchingDialog
        key={action}
        environment={environment}
        action={action}
        filter={filter}
        first={rows[0]}
        zoneOf={zoneOf}
        onClose={() => close()}
        onStarted={show(action)}
      />
    );
  }
  if (targets.posts.length === 0 || targets.isPending) return null;
  return (
    <ActionDialog
      key={`${action} ${search.on ?? ""}`}
      environment={environment}
      action={action}
      posts={targets.posts}
      onClose={close}
      onLeft={deselect}
      onStarted={show(action)}
    />
  );
}
