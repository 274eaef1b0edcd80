import { useMutation, useQuery } from "@tanstack/react-query";
import type { Content, Environment } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { issuesOf } from "../../api/errors";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Select } from "../../ui/Select";
import { SkeletonRows } from "../../ui/Skeleton";
import { projectAccountsQuery } from "../compose/accounts";

const LIFETIMES = [
  { id: "60", label: "1 hour" },
  { id: "1440", label: "1 day" },
  { id: "10080", label: "7 days" },
  { id: "43200", label: "30 days" },
] as const;

interface MakePostingLinkProps {
  readonly environment: Environment;
  readonly content: Content;
  readonly onClose: () => void;
  /** Called with the address of the page, which is shown once. */
  readonly onMade: (url: string) => void;
}

/** The form for a link at which a creator posts this content to TikTok. */
export function MakePostingLink({ environment, content, onClose, onMade }: MakePostingLinkProps) {
  const accounts = useQuery(projectAccountsQuery(environment, content.projectId));
  const choices = (accounts.data ?? []).filter(({ platform }) => platform === "tiktok");
  const [chosen, setChosen] = useState<string | null>(null);
  const [minutes, setMinutes] = useState<(typeof LIFETIMES)[number]["id"]>("1440");
  const account = chosen ?? (choices.length === 1 ? (choices[0]?.socialAccountId ?? null) : null);
  const make = useMutation({
    mutationFn: (socialAccountId: string) =>
      clientOf(environment).tiktokPostLinks.create({
        containerId: content.id,
        socialAccountId,
        expiresInMinutes: Number(minutes),
      }),
    onSuccess: ({ url }) => {
      onClose();
      onMade(url);
    },
  });
  const issues = issuesOf(make.error);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="TikTok posting link"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            kind="primary"
            isPending={make.isPending}
            isDisabled={account === null}
            onPress={() => account !== null && make.mutate(account)}
          >
            Make the link
          </Button>
        </>
      }
    >
      <p>
        At the page of the link, the creator sees this content, chooses what TikTok demands, and posts it, without
        access to this console. A link makes one post.
      </p>
      <ErrorNotice error={make.error} fields={["socialAccountId"]} />
      {accounts.isPending && <SkeletonRows rows={1} />}
      {accounts.isError && <ErrorNotice error={accounts.error} />}
      {accounts.isSuccess && choices.length === 0 && (
        <p>This project has no TikTok account. Connect one under Accounts first.</p>
      )}
      {choices.length > 0 && (
        <>
          <Select
            label="Account"
            choices={choices.map(({ socialAccountId, handle }) => ({ id: socialAccountId, label: `@${handle}` }))}
            value={account}
            onChange={setChosen}
            error={issues["socialAccountId"]}
          />
          <Select label="Expires after" choices={LIFETIMES} value={minutes} onChange={setMinutes} />
        </>
      )}
    </Dialog>
  );
}
