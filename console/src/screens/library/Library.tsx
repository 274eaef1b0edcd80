import { getRouteApi, Link } from "@tanstack/react-router";
import { Images, Trash2, Upload, X } from "lucide-react";
import type { FoundContent } from "presswork-client";
import { lazy, Suspense } from "react";
import { useLiveUpdates } from "../../api/useLiveUpdates";
import { usePages } from "../../api/usePages";
import { mayCompose, NewPost } from "../../app/NewPost";
import { Screen } from "../../app/Screen";
import { searchContent } from "../../content/list";
import { ProjectFilter } from "../../content/ProjectFilter";
import { LabelFilter } from "../../labels/LabelFilter";
import { Button } from "../../ui/Button";
import { EmptyState } from "../../ui/EmptyState";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SearchField } from "../../ui/SearchField";
import { Select } from "../../ui/Select";
import { useNow } from "../../ui/useNow";
import { CardSkeletons } from "./CardSkeletons";
import { ContentCard } from "./ContentCard";
import "./library.css";
import { APPROVAL_CHOICES, filterOf, isFreshUpload, type LibrarySearch, librarySearch, STATE_CHOICES } from "./search";
import { useRefreshOfUse } from "./useRefreshOfUse";

const DeleteContent = lazy(() => import("../../content/DeleteContent"));
const UploadDialog = lazy(() => import("./UploadDialog"));
const route = getRouteApi("/$environment/library");
const CARDS = 24;
const ANY = "any";

/** The content of all projects as a grid. */
export default function Library() {
  const { environment } = route.useParams();
  const { session } = route.useRouteContext();
  const search = librarySearch(route.useSearch());
  const navigate = route.useNavigate();
  const filter = filterOf(search, CARDS);
  const list = usePages([environment, "content", "library", filter], () => searchContent(environment, filter));
  useLiveUpdates(environment, useRefreshOfUse(environment));
  const change = (changes: Partial<LibrarySearch>) =>
    void navigate({ search: (before) => ({ ...before, ...changes }), replace: true });
  const { upload, selected: selectedIds = [], remove, ...filters } = search;
  const isFiltered = Object.values(filters).some((value) => value !== undefined);
  const now = useNow();
  const shown = isFiltered ? list.rows : list.rows.filter((content) => !isFreshUpload(content, now));
  const hidden = list.rows.length - shown.length;
  const selected = shown.filter(({ id }) => selectedIds.includes(id));
  const select = (ids: readonly string[]) => change({ selected: ids.length === 0 ? undefined : ids });
  const selectorOf = ({ id, status }: FoundContent) =>
    !session.scopes.includes("content:write") || status === "deleted"
      ? undefined
      : (isSelected: boolean) => select(isSelected ? [...selectedIds, id] : selectedIds.filter((one) => one !== id));
  return (
    <Screen
      title="Library"
      actions={
        <>
          {mayCompose(session) && (
            <Button onPress={() => change({ upload: true })}>
              <Upload aria-hidden /> Upload
            </Button>
          )}
          <SearchField
            label="Search captions"
            value={search.q ?? ""}
            onSearch={(text) => change({ q: text || undefined })}
          />
        </>
      }
    >
      <div className="library-filters">
        <ProjectFilter environment={environment} value={search.project} onChange={(project) => change({ project })} />
        <Select
          label="State"
          isLabelHidden
          choices={STATE_CHOICES}
          value={search.state ?? STATE_CHOICES[0].id}
          onChange={(state) => change({ state: state === STATE_CHOICES[0].id ? undefined : state })}
        />
        <Select
          label="Approval"
          isLabelHidden
          choices={[{ id: ANY, label: "Any approval" }, ...APPROVAL_CHOICES]}
          value={search.approval ?? ANY}
          onChange={(approval) => change({ approval: approval === ANY ? undefined : approval })}
        />
        <LabelFilter
          environment={environment}
          projectId={search.project}
          value={search.label}
          onChange={(label) => change({ label })}
        />
        {isFiltered && (
          <Button kind="quiet" onPress={() => void navigate({ search: {}, replace: true })}>
            Clear
          </Button>
        )}
      </div>
      {list.isPending && <CardSkeletons />}
      {list.error && <ErrorNotice error={list.error} />}
      {!list.isPending && list.error === null && list.rows.length === 0 && !list.hasMore && (
        <div className="panel">
          <EmptyState
            icon={Images}
            title={isFiltered ? "No content matches" : "No content yet"}
            actions={!isFiltered && mayCompose(session) && <NewPost environment={environment} session={session} />}
          >
            {isFiltered
              ? "Search for another part of a caption, or clear the filters."
              : "What you upload or write appears here, and can be posted again."}
          </EmptyState>
        </div>
      )}
      <ul className="library">
        {shown.map((content) => (
          <ContentCard
            key={content.id}
            environment={environment}
            content={content}
            isSelected={selectedIds.includes(content.id)}
            onSelect={selectorOf(content)}
          />
        ))}
      </ul>
      {hidden > 0 && (
        <p className="soft small">
          {hidden === 1 ? "1 upload without a text is" : `${hidden} uploads without a text are`} not shown for a day.{" "}
          <Link to="." search={{ state: "completed" }}>
            Show what is ready
          </Link>
        </p>
      )}
      {list.hasMore && (
        <div className="more">
          <Button isPending={list.isFetchingMore} onPress={list.fetchMore}>
            Show more
          </Button>
        </div>
      )}
      {selected.length > 0 && (
        <section className="library-bar" aria-label="Selected content">
          <strong>{selected.length} selected</strong>
          <Button kind="quiet" isIcon aria-label="Select nothing" onPress={() => select([])}>
            <X aria-hidden />
          </Button>
          <Button kind="danger" onPress={() => change({ remove: true })}>
            <Trash2 aria-hidden /> Delete
          </Button>
        </section>
      )}
      {remove === true && selected.length > 0 && (
        <Suspense>
          <DeleteContent
            environment={environment}
            contents={selected}
            onClose={() => change({ remove: undefined })}
            onEnd={select}
          />
        </Suspense>
      )}
      {upload === true && mayCompose(session) && (
        <Suspense>
          <UploadDialog
            environment={environment}
            project={search.project}
            onClose={() => change({ upload: undefined })}
          />
        </Suspense>
      )}
    </Screen>
  );
}
