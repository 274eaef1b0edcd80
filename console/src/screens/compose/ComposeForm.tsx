import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Eraser, Table2 } from "lucide-react";
import type { Environment, Project } from "presswork-client";
import { useState } from "react";
import type { SignedIn } from "../../api/session";
import { Screen } from "../../app/Screen";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { toast } from "../../ui/toasts";
import { AccountsField } from "./AccountsField";
import { ActionBar } from "./ActionBar";
import { nameIn, projectAccountsQuery } from "./accounts";
import { CallDialog } from "./CallDialog";
import { arePartsChanged } from "./call";
import { type Draft, emptyDraft, isUnfinished, kindOf } from "./draft";
import { FilesField } from "./FilesField";
import { Findings } from "./Findings";
import { findingsOfError, merged, missingOf } from "./findings";
import { intentionOf } from "./intention";
import { LinkField } from "./LinkField";
import { Posted } from "./Posted";
import { Previews } from "./Previews";
import { ProjectField } from "./ProjectField";
import { SendAnotherDialog } from "./SendAnotherDialog";
import { type ComposeSearch, postedOf } from "./search";
import { TargetCard } from "./TargetCard";
import { TextsField } from "./TextsField";
import { storeDraft, useDraft } from "./useDraft";
import { useFiles } from "./useFiles";
import { usePreflight } from "./usePreflight";
import { savedTexts, useContainer, useFinalize } from "./useSavedContent";
import { useStart } from "./useStart";
import { callOf, type Outcome, useSubmit } from "./useSubmit";
import { useTextContent } from "./useTextContent";
import { useUploads } from "./useUploads";
import { WhenField } from "./WhenField";

const route = getRouteApi("/$environment/compose");

interface ComposeFormProps {
  readonly environment: Environment;
  readonly projects: readonly Project[];
  readonly session: SignedIn;
}

/** The form with its previews, and what became of it. */
export function ComposeForm({ environment, projects, session }: ComposeFormProps) {
  const { user, scopes } = session;
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (change: Partial<ComposeSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false });
  const [draft, dispatch] = useDraft(environment);
  const accounts = useQuery(projectAccountsQuery(environment, draft.projectId)).data;
  /** Begins another draft; one that is not finished can be brought back, also from another screen. */
  const replace = (next: Draft) => {
    dispatch({ type: "load", draft: next });
    if (!isUnfinished(draft)) return;
    const undo = () => {
      storeDraft(environment, draft);
      dispatch({ type: "load", draft });
      void navigate({ search: draft.projectId === null ? {} : { project: draft.projectId } });
    };
    toast("The draft was replaced.", { label: "Undo", run: undo });
  };
  const source = useStart({ environment, draft, search, projects, accounts, dispatch, replace });
  const content = useContainer(environment, draft.containerId);
  const files = useFiles(draft, dispatch);
  const uploads = useUploads(environment, draft, content, files, dispatch);
  const finalize = useFinalize(environment, draft, content, uploads.isComplete, dispatch);
  const preflight = usePreflight(environment, draft, content);
  const project = projects.find(({ id }) => id === draft.projectId);
  const zone = project?.timezone ?? "UTC";
  const mayPublish = scopes.includes("publish:write");
  const intention = intentionOf(draft, { content, project, mayPublish });
  const done = ({ postIds, isInReview }: Outcome) => {
    dispatch({ type: "done" });
    go({ posted: postIds.length > 0 ? postIds.join(",") : isInReview ? "review" : "kept", call: undefined });
  };
  const mediaType = kindOf(draft);
  const texts = useTextContent(environment, draft, content, dispatch);
  const isNewText = mediaType === "text" && draft.containerId === null;
  const isUnchecked = isNewText || (content !== undefined && arePartsChanged(draft, savedTexts(content)));
  const complete = isNewText ? texts.save : finalize.mutateAsync;
  const submission = useSubmit(environment, user.id, draft, intention, complete, done);
  const [isAsking, setAsking] = useState(false);
  const nameOf = (id: string) => nameIn(accounts ?? [], id);
  const startAgain = () => {
    if (submission.isPending) return; // what is being sent must not come back as a draft
    replace(emptyDraft(draft.projectId));
    void navigate({ search: draft.projectId === null ? {} : { project: draft.projectId } });
  };

  const existing = content?.status === "completed" ? content : isNewText ? null : undefined;
  const call = existing !== undefined && draft.targets.length > 0 ? callOf(draft, existing, intention, "") : null;
  const dialog =
    search.call !== undefined && call !== null ? (
      <CallDialog
        call={call}
        language={search.call}
        onLanguage={(language) => go({ call: language })}
        onClose={() => go({ call: undefined })}
      />
    ) : null;
  const openCode = call === null ? null : () => go({ call: "curl" });

  if (search.posted !== undefined) {
    return (
      <Screen title="Compose">
        <Posted
          environment={environment}
          postIds={postedOf(search.posted)}
          zone={project?.timezone}
          onAgain={startAgain}
          onCode={openCode}
        />
        {dialog}
      </Screen>
    );
  }

  const missing = missingOf(draft, { mayPublish });
  const finalizing = finalize.isError && !submission.isError ? findingsOfError(finalize.error, draft, []) : [];
  // A gap is no finding before there is something to send: the bar says what comes next.
  const speaksAgainst = [...missing.filter(({ field }) => typeof field !== "string"), ...preflight.findings];
  const found = merged([...speaksAgainst, ...submission.findings, ...finalizing, ...texts.findings]);
  const gap = missing.find(({ field }) => typeof field === "string")?.message ?? null;
  const isReady = existing !== undefined || (uploads.isComplete && content?.approvalStatus === "pending");
  const waitsFor = gap ?? (isReady || finalize.isError ? null : "Waiting for the files.");
  const shared = { findings: found, nameOf, dispatch };

  return (
    <Screen
      title="Compose"
      actions={
        <>
          {mayPublish && (
            <Link
              className="button quiet"
              to="/$environment/compose/import"
              params={{ environment }}
              search={draft.projectId === null ? {} : { project: draft.projectId }}
            >
              <Table2 aria-hidden /> Import a table
            </Link>
          )}
          <Button kind="quiet" isDisabled={submission.isPending} onPress={startAgain}>
            <Eraser aria-hidden /> Start over
          </Button>
        </>
      }
    >
      {search.layers_oauth_error !== undefined && (
        <Notice tone="bad" title="The account was not connected">
          The login ended with {search.layers_oauth_error}. Try again.
        </Notice>
      )}
      {source.isError && <ErrorNotice error={source.error} />}
      <div className="compose">
        <div className="compose-form">
          <ProjectField
            projects={projects}
            projectId={draft.projectId}
            isFixed={!draft.isOwn}
            onChange={(projectId) => go({ project: projectId })}
          />
          <section className="panel compose-part" aria-label="Texts">
            <TextsField draft={draft} {...shared}>
              <LinkField {...{ draft, content, texts }} isReviewed={intention === "review"} {...shared} />
            </TextsField>
          </section>
          <section className="panel compose-part" aria-label="Files">
            <FilesField {...{ draft, content, files, uploads, dispatch }} onReplace={startAgain} />
            <Findings findings={found} field="files" nameOf={nameOf} />
          </section>
          {mayPublish && (
            <section className="panel compose-part" aria-labelledby="compose-accounts">
              <h2 id="compose-accounts">
                Accounts {draft.targets.length > 0 && <span className="soft small">{draft.targets.length} chosen</span>}
              </h2>
              <AccountsField
                {...{ environment, draft, accounts, dispatch }}
                mayConnect={scopes.includes("social:write")}
              />
              {draft.targets.map((target) => (
                <TargetCard
                  key={target.socialAccountId}
                  {...{ environment, draft, target, mediaType }}
                  account={accounts?.find((one) => one.socialAccountId === target.socialAccountId)}
                  files={draft.files}
                  {...shared}
                />
              ))}
            </section>
          )}
          {mayPublish && (
            <section className="panel compose-part" aria-labelledby="compose-when">
              <h2 id="compose-when">When</h2>
              <WhenField draft={draft} zone={zone} {...shared} />
            </section>
          )}
        </div>
        <PreviewFold>
          <Previews
            {...{ draft, content, files }}
            parts={preflight.parts}
            accounts={accounts ?? []}
            chosen={search.preview}
            onChoose={(preview) => go({ preview })}
          />
        </PreviewFold>
      </div>
      <ActionBar
        {...{ draft, zone, intention, waitsFor, nameOf }}
        findings={found}
        isBlocked={speaksAgainst.some(({ isError }) => isError)}
        isChecking={preflight.isChecking}
        isPending={submission.isPending}
        onSubmit={() => (submission.standing === "other" ? setAsking(true) : submission.submit())}
        onCode={openCode}
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
      {dialog}
    </Screen>
  );
}

/** Beside the form; on a phone, folded above the bar. */
function PreviewFold({ children }: { readonly children: React.ReactNode }) {
  return (
    <aside className="compose-previews" aria-label="Preview">
      <details className="panel preview-fold" open={matchMedia("(min-width: 1024px)").matches}>
        <summary>
          <h2>Preview</h2>
        </summary>
        {children}
      </details>
    </aside>
  );
}
