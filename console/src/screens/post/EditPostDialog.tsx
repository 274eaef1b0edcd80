import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import type { Content, Environment, ScheduledPost, SocialAccount } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { postsOfContentQuery } from "../../content/queries";
import { platformsQuery } from "../../platforms/descriptions";
import { platformName } from "../../platforms/platforms";
import { Results } from "../../posts/actions/Results";
import { failedIn, isOver, useRun } from "../../posts/actions/useRun";
import { PostPreview } from "../../preview/PostPreview";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { toast } from "../../ui/toasts";
import type { TargetChange } from "../compose/draft";
import { editOf, type PostChanges } from "../compose/edit";
import { Findings } from "../compose/Findings";
import type { TargetPart } from "../compose/findings";
import { draftOfPost, paramOf } from "../compose/fromPost";
import { NetworkSettings } from "../compose/NetworkSettings";
import { NetworkText } from "../compose/NetworkText";
import { usePreflight } from "../compose/usePreflight";
import { ChangedMeanwhile } from "./ChangedMeanwhile";
import "./edit-post.css";

interface EditPostDialogProps {
  readonly environment: Environment;
  /** As it is now; it may change while the dialog is open. */
  readonly post: ScheduledPost;
  readonly content: Content;
  readonly account: SocialAccount;
  /** Opens the texts of the content, which go to every account; without it, a person may not change them. */
  readonly onContent?: (() => void) | undefined;
  readonly onClose: () => void;
}

const ELSEWHERE = ["caption", "firstComment", "parts", "files", "link", "call"] as const;

/** Edits the text, the first comment and the options of one queued post, or of all queued posts of its content. */
export default function EditPostDialog(props: EditPostDialogProps) {
  const { environment, post, content, account, onContent, onClose } = props;
  useSuspenseQuery(platformsQuery); // which the fields, and the functions of the composer, read
  const queries = useQueryClient();
  const [opened, setOpened] = useState(post);
  const [draft, setDraft] = useState(() => draftOfPost(post, content));
  const [range, setRange] = useState<"one" | "all">("one");
  const { run, start } = useRun(environment);
  const preflight = usePreflight(environment, draft, content);
  const of = useQuery(postsOfContentQuery(environment, content.id)).data ?? [];

  const before = paramOf(draftOfPost(opened, content), content) ?? {};
  const after = paramOf(draft, content) ?? {};
  const changes = editOf(post, before, after);
  const isElsewhere = post.revision !== opened.revision;
  if (isElsewhere && Object.keys(changes).length === 0) {
    setOpened(post); // nothing was typed that could be lost
    setDraft(draftOfPost(post, content));
  }
  const siblings = of.flatMap((one) => {
    if (one.id === post.id || one.status !== "queued") return [];
    const own = changesOf(one, post, editOf(one, before, after));
    return [{ post: one, changes: own }];
  });
  const concerned = siblings.filter((one) => Object.keys(one.changes).length > 0);
  const isAll = range === "all" && siblings.length > 0;
  const isEditable = post.status === "queued";
  const call = (one: ScheduledPost, change: PostChanges) =>
    clientOf(environment).publishing.editPost({ postId: one.id, revision: one.revision, ...change });
  const save = useMutation({
    mutationFn: async () => {
      if (!isAll) return call(post, changes);
      const jobs = [{ post, changes }, ...concerned];
      return start(
        jobs.map((job) => ({ post: job.post, call: async () => call(job.post, job.changes) })),
        "edited",
      );
    },
    onSuccess: () => {
      if (isAll) return;
      toast(post.gateStatus === null ? "Saved." : "Saved. It waits for approval with its new text.");
      onClose();
    },
    // What another person changed is read, and shown.
    onSettled: () =>
      Promise.all(["posts", "content"].map((part) => queries.invalidateQueries({ queryKey: [environment, part] }))),
  });

  if (run !== null) {
    return (
      <Results
        environment={environment}
        done={run.done}
        total={run.total}
        settled={run.outcomes.length}
        failed={failedIn(run).length}
        outcomes={run.outcomes.toSorted((one, other) => Number(one.error === null) - Number(other.error === null))}
        hasEnded={isOver(run)}
        meanwhile="Keep this tab open until the run ends."
        hide="Hide, and continue in this tab"
        onClose={onClose}
      />
    );
  }
  const [target] = draft.targets;
  if (target === undefined) return null;
  const { socialAccountId, platform } = target;
  const nameOf = () => account.handle;
  const found = (part: TargetPart) => (
    <Findings findings={preflight.findings} field={{ socialAccountId, part }} nameOf={nameOf} />
  );
  const fields = {
    environment,
    draft,
    target,
    name: platformName(platform),
    accounts: [account],
    files: draft.files,
    mediaType: content.mediaType,
    found,
    change: (change: TargetChange) => setDraft({ ...draft, targets: [{ ...target, ...change }] }),
  };
  return (
    <Dialog
      isOpen
      size="large"
      onClose={onClose}
      title="Edit this post"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={!isEditable || Object.keys(changes).length === 0}
            isPending={save.isPending}
            onPress={() => save.mutate()}
          >
            {isAll ? `Save ${concerned.length + 1} posts` : "Save"}
          </Button>
        </>
      }
    >
      {!isEditable && (
        <Notice tone="bad" title="It is too late to edit this post">
          Only a queued post can be edited. What you typed stays here until you close this.
        </Notice>
      )}
      {isEditable && isElsewhere ? (
        <ChangedMeanwhile before={opened} after={post} content={content} />
      ) : (
        <ErrorNotice error={save.error} />
      )}
      {post.gateStatus !== null && <Notice>It waits for approval. Reviewers see what you save here.</Notice>}
      <div className="edit-post">
        <section className="network" aria-label={`On ${fields.name}`}>
          <NetworkText {...fields} />
          <NetworkSettings {...fields} hasOwnTexts isModeFixed />
          <Findings findings={preflight.findings} field={ELSEWHERE} place="elsewhere" nameOf={nameOf} />
          {siblings.length > 0 && (
            <Select<"one" | "all">
              label="Which posts"
              choices={[
                { id: "one", label: "This post" },
                {
                  id: "all",
                  label: `All ${siblings.length + 1} queued posts of this content`,
                  description: "Texts go to each, options to posts on the same network.",
                },
              ]}
              value={range}
              onChange={setRange}
            />
          )}
          {onContent !== undefined && (
            <Button kind="quiet" onPress={onContent}>
              Edit the content for every account
            </Button>
          )}
        </section>
        <PostPreview post={{ ...post, ...changes }} content={content} handle={account.handle} />
      </div>
    </Dialog>
  );
}

/** Returns what an edit changes of another post of the content: options only where they mean the same. */
function changesOf(one: ScheduledPost, post: ScheduledPost, changes: PostChanges): PostChanges {
  const isAlike = one.platform === post.platform && one.mode === post.mode;
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([name, value]) =>
        (isAlike || name.endsWith("Override")) &&
        JSON.stringify(value) !== JSON.stringify((one as unknown as Record<string, unknown>)[name]),
    ),
  );
}
