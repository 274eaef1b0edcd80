import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Environment, Project } from "presswork-client";
import { lazy, Suspense, useState } from "react";
import type { SignedIn } from "../../api/session";
import { Screen } from "../../app/Screen";
import { contentQuery } from "../../posts/queries";
import { Fold } from "../../ui/Fold";
import { toast } from "../../ui/toasts";
import { AccountsField } from "./AccountsField";
import { ActionBar } from "./ActionBar";
import { nameIn, projectAccountsQuery } from "./accounts";
import { ComposeActions } from "./ComposeActions";
import { ComposeDialogs } from "./ComposeDialogs";
import { ComposeNotices } from "./ComposeNotices";
import { arePartsChanged } from "./call";
import { type Draft, emptyDraft, isUnfinished, kindOf } from "./draft";
import { Editor } from "./Editor";
import { intentionOf } from "./intention";
import { problemsOf } from "./problems";
import { SendAnotherDialog } from "./SendAnotherDialog";
import { type ComposeSearch, postedOf } from "./search";
import { storeDraft, useDraft } from "./useDraft";
import { useFiles } from "./useFiles";
import { useFront } from "./useFront";
import { useKeptDraft } from "./useKeptDraft";
import { usePreflight } from "./usePreflight";
import { useQueueChoice } from "./useQueueChoice";
import { savedTexts, useContainer, useFinalize } from "./useSavedContent";
import { useStart } from "./useStart";
import { callOf, type Outcome, prepareCall, useSubmit } from "./useSubmit";
import { useTextContent } from "./useTextContent";
import { useUploads } from "./useUploads";

const route = getRouteApi("/$environment/compose");
const Previews = lazy(() => import("./Previews"));
const Posted = lazy(() => import("./Posted"));

interface ComposeFormProps {
  readonly environment: Environment;
  readonly projects: readonly Project[];
  readonly session: SignedIn;
}

/** The composer with its preview, and what became of what was sent. */
export function ComposeForm({ environment, projects, session }: ComposeFormProps) {
  const { user, scopes } = session;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const queries = useQueryClient();
  const go = (change: Partial<ComposeSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const [draft, dispatch] = useDraft(environment);
  const accounts = useQuery(projectAccountsQuery(environment, draft.projectId)).data;
  /** Begins another draft; one that is not finished can be brought back, also from another screen. */
  const replace = (next: Draft) => {
    dispatch({ type: "load", draft: next });
    if (!isUnfinished(draft) || kept.isSaved) return;
    const undo = () => {
      storeDraft(environment, draft);
      dispatch({ type: "load", draft });
      void navigate({ search: placeOfDraft(draft) });
    };
    toast("The draft was replaced.", { label: "Undo", run: undo });
  };
  const isNamed = [search.draft, search.content, search.project, search.posted].some((name) => name !== undefined);
  const kept = useKeptDraft(environment, draft, dispatch, isNamed, (id) =>
    go({ draft: id, content: undefined, project: undefined }),
  );
  const start = useStart({
    environment,
    draft,
    search,
    projects,
    accounts,
    dispatch,
    replace,
    onTimed: () => go({ at: undefined, queue: undefined }),
  });
  const queueing = useQueueChoice(environment, draft, scopes.includes("publish:write"), dispatch);
  const content = useContainer(environment, draft.containerId);
  const files = useFiles(draft, dispatch);
  const uploads = useUploads(environment, draft, content, files, dispatch);
  const finalize = useFinalize(environment, draft, content, uploads.isComplete, dispatch);
  const preflight = usePreflight(environment, draft, content);
  const project = projects.find(({ id }) => id === draft.projectId);
  const zone = project?.timezone ?? "UTC";
  const mayPublish = scopes.includes("publish:write");
  const intention = intentionOf(draft, { content, project, mayPublish });
  const done = (posted: string) => {
    kept.forget();
    dispatch({ type: "done" });
    go({ posted, draft: undefined, call: undefined, repeat: undefined });
  };
  const mediaType = kindOf(draft);
  const texts = useTextContent(environment, draft, content, dispatch);
  const isNewText = mediaType === "text" && draft.containerId === null;
  const isUnchecked = isNewText || (content !== undefined && arePartsChanged(draft, savedTexts(content)));
  const complete = isNewText ? texts.save : finalize.mutateAsync;
  const submission = useSubmit(environment, user.id, draft, intention, complete, (outcome) =>
    done(postedText(outcome)),
  );
  const [isAsking, setAsking] = useState(false);
  const nameOf = (id: string) => nameIn(accounts ?? [], id);
  const startAgain = () => {
    if (submission.isPending) return; // what is being sent must not come back as a draft
    replace(emptyDraft(draft.projectId));
    void navigate({ search: draft.projectId === null ? {} : { project: draft.projectId } });
  };

  const existing = content?.status === "completed" ? content : isNewText ? null : undefined;
  const call = existing !== undefined && draft.targets.length > 0 ? callOf(draft, existing, intention, "") : null;
  const openCode = call === null ? null : () => go({ call: "curl" });
  const problems = problemsOf({ draft, mayPublish, uploads, finalize, preflight, submission, texts });
  const front = useFront(draft, problems.found, search.tab, (tab) => go({ tab }));
  const repeat = async () => {
    const { container, call: saved } = await prepareCall(environment, draft, complete, (changed) =>
      queries.setQueryData(contentQuery(environment, changed.id).queryKey, changed),
    );
    return { containerId: container.id, targets: saved.targets };
  };
  const canRepeat = mayPublish && call !== null && problems.blocker === null && problems.gap === null;
  const dialogs = (
    <ComposeDialogs
      {...{ environment, projects, zone, search, call, go }}
      openId={draft.kept?.id}
      onRepeat={canRepeat ? repeat : null}
      onRepeated={() => done("series")}
    />
  );

  if (search.posted !== undefined) {
    return (
      <Screen title="Compose">
        <Suspense>
          <Posted
            environment={environment}
            postIds={postedOf(search.posted)}
            zone={project?.timezone}
            onAgain={startAgain}
            onCode={openCode}
          />
        </Suspense>
        {dialogs}
      </Screen>
    );
  }

  const shared = { environment, draft, findings: problems.found, nameOf, dispatch };
  const isReady = existing !== undefined || (uploads.isComplete && content?.approvalStatus === "pending");
  return (
    <Screen
      title="Compose"
      actions={
        <ComposeActions
          {...{ environment, projects, draft, mayPublish }}
          onProject={(projectId) => go({ project: projectId, draft: undefined })}
          isSending={submission.isPending}
          onDrafts={() => go({ drafts: "open" })}
          onRepeat={canRepeat ? () => go({ repeat: "open" }) : null}
          onCode={openCode}
          onAgain={startAgain}
        />
      }
    >
      <ComposeNotices
        {...{ draft, kept, zone, replace }}
        loginError={search.layers_oauth_error}
        startError={start.error}
        isUnknown={start.isUnknown}
      />
      <div className="compose">
        <div className="compose-form">
          {mayPublish && (
            <AccountsField
              {...{ environment, draft, accounts, dispatch }}
              mayConnect={scopes.includes("social:write")}
            />
          )}
          <Editor
            {...shared}
            {...{ content, mediaType, files, uploads, texts }}
            accounts={accounts ?? []}
            isReviewed={intention === "review"}
            tabs={front.tabs}
            front={front.tab}
            onTab={front.show}
            onReplace={startAgain}
          />
        </div>
        <aside className="compose-previews" aria-label="Preview">
          <Fold title="Preview" isOpen={matchMedia("(min-width: 1024px)").matches}>
            {mediaType === null || draft.targets.length === 0 ? (
              <p className="preview-empty soft">
                {mediaType === null ? "Write a text or add files" : "Choose an account"} to see how the post will look.
              </p>
            ) : (
              <Suspense>
                <Previews
                  {...{ draft, content, files }}
                  parts={preflight.parts}
                  texts={preflight.texts}
                  accounts={accounts ?? []}
                  network={front.tab}
                  chosen={search.preview}
                  onChoose={(preview) => go({ preview })}
                />
              </Suspense>
            )}
          </Fold>
        </aside>
      </div>
      <ActionBar
        {...shared}
        {...{ zone, intention, mayPublish }}
        queues={queueing.queues}
        queue={queueing.chosen}
        blocker={problems.blocker}
        gap={problems.gap}
        waitsFor={isReady || finalize.isError ? null : "Waiting for the files."}
        price={preflight.price}
        isChecking={preflight.isChecking}
        isPending={submission.isPending}
        onSubmit={() => (submission.standing === "other" ? setAsking(true) : submission.submit())}
        onJump={({ field }) => front.jump(field)}
        kept={mediaType === null ? null : kept}
        check={isUnchecked && draft.targets.length > 0 && intention !== "review" ? texts : null}
      />
      {isAsking && (
        <SendAnotherDialog
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            submission.submit();
          }}
        />
      )}
      {dialogs}
    </Screen>
  );
}

/** Returns the part of the address that says what was sent. */
function postedText({ postIds, isInReview }: Outcome): string {
  return postIds.length > 0 ? postIds.join(",") : isInReview ? "review" : "kept";
}

/** Returns the part of the address that names a draft. */
function placeOfDraft({ kept, projectId }: Draft): ComposeSearch {
  if (kept !== null) return { draft: kept.id };
  return projectId === null ? {} : { project: projectId };
}
