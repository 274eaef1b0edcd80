import { useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Content, EditField, Environment, ScheduledPost, SocialAccount } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import TextChange from "../../content/TextChange";
import { descriptionOf, platformsQuery } from "../../platforms/descriptions";
import { accountName, platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { toast } from "../../ui/toasts";
import { CaptionCounters } from "../compose/Counters";
import { changesOf, fieldsOf, type LiveValues, liveValuesOf, schemaOf } from "./liveEdit";

interface EditLiveDialogProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
  readonly content: Content;
  readonly account: SocialAccount;
  readonly onClose: () => void;
}

/** Changes a live post on its network: the fields that the network lets programs change, with what is live now. */
export default function EditLiveDialog({ environment, post, content, account, onClose }: EditLiveDialogProps) {
  useSuspenseQuery(platformsQuery); // which the fields read
  const queries = useQueryClient();
  const [live] = useState<LiveValues>(() => liveValuesOf(post, content));
  const [values, setValues] = useState(live);
  const name = platformName(post.platform);
  const fields = fieldsOf(content, descriptionOf(post.platform).capabilities.editFields);
  const changes = changesOf(live, values);
  const { ready, reason } = account.readiness.edit;
  const save = useMutation({
    mutationFn: () => clientOf(environment).publishing.editLivePost({ postId: post.id, ...changes }),
    onSuccess: () => {
      toast(`${name} is asked to change the post.`);
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "posts"] }),
  });
  const set = (field: EditField) => (value: string) => setValues({ ...values, [field]: value });
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Edit the live post"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isDisabled={!ready || Object.keys(changes).length === 0}
            isPending={save.isPending}
            onPress={() => save.mutate()}
          >
            Change it on {name}
          </Button>
        </>
      }
    >
      <ErrorNotice error={save.error} fields={fields} />
      {ready ? (
        <p>
          The fields have what is live now. {name} shows the change to everyone who sees the post; likes and comments
          stay.
        </p>
      ) : (
        <Notice
          tone="warn"
          title={`Presswork may not change posts of ${accountName(account.platform, account.handle)} now`}
          actions={
            <Link
              className="button plain"
              to="/$environment/accounts/$accountId"
              params={{ environment, accountId: account.socialAccountId }}
            >
              Open the account
            </Link>
          }
        >
          {reason === "missing_permission" ? "Its owner has not agreed to that. " : "Its access has ended. "}
          Connect the account again, then change the post, or change it on {name} yourself.
        </Notice>
      )}
      {fields.map((field) => (
        <Field
          key={field}
          field={field}
          post={post}
          content={content}
          values={values}
          error={save.error}
          onChange={set(field)}
        />
      ))}
      {changes.caption !== undefined && <TextChange field="caption" before={live.caption} after={changes.caption} />}
    </Dialog>
  );
}

interface FieldProps {
  readonly field: EditField;
  readonly post: ScheduledPost;
  readonly content: Content;
  readonly values: LiveValues;
  readonly error: unknown;
  readonly onChange: (value: string) => void;
}

function Field({ field, post, content, values, error, onChange }: FieldProps) {
  const problem = issuesOf(error)[field];
  const schema = schemaOf(post, field);
  switch (field) {
    case "caption":
      return (
        <TextField
          label="Text"
          rows={5}
          value={values.caption}
          onChange={onChange}
          error={problem}
          description={<CaptionCounters text={values.caption} targets={[post]} mediaType={content.mediaType} />}
        />
      );
    case "title":
      return (
        <TextField
          label="Title"
          value={values.title}
          onChange={onChange}
          error={problem}
          {...(schema.maxLength !== undefined && {
            description: `${[...values.title].length} of ${schema.maxLength}`,
          })}
          placeholder={values.title === "" ? "As it is" : undefined}
        />
      );
    case "privacyLevel":
      return (
        <Select
          label="Who can see it"
          choices={(schema.enum ?? []).map((id) => ({ id, label: schema["x-labels"]?.[id] ?? id }))}
          value={values.privacyLevel === "" ? null : values.privacyLevel}
          placeholder="As it is"
          onChange={onChange}
          error={problem}
        />
      );
  }
}
