import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { Environment } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import type { Assignee } from "../../comments/types";
import { accountName, PLATFORMS, platformName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { Button } from "../../ui/Button";
import { FilterMenu } from "../../ui/FilterMenu";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { type CommentsSearch, FILTERS, type Inbox, isFiltered, ME, SPANS } from "./search";

interface FiltersProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly inbox: Inbox;
  readonly people: readonly Assignee[];
  readonly onChange: (change: Partial<CommentsSearch>) => void;
}

/** What narrows the inbox. */
export function Filters({ environment, session, inbox, people, onChange }: FiltersProps) {
  const projects = useQuery(projectsQuery(environment)).data ?? [];
  const accounts = useQuery(accountsQuery(environment)).data ?? [];
  const shown = accounts.filter(
    ({ projectId, platform }) =>
      (inbox.project === undefined || projectId === inbox.project) &&
      (inbox.platform === undefined || platform === inbox.platform),
  );
  const others = people.filter(({ id }) => id !== session.user.id);
  return (
    <>
      {(projects.length > 1 || inbox.project !== undefined) && (
        <FilterMenu
          label="Project"
          choices={projects.map(({ id, name }) => ({ id, label: name }))}
          value={listOf(inbox.project)}
          onChange={([project]) => onChange({ project, account: undefined })}
        />
      )}
      <FilterMenu
        label="Account"
        choices={shown.map((account) => ({
          id: account.socialAccountId,
          label: accountName(account.platform, account.handle),
          icon: <PlatformIcon platform={account.platform} />,
        }))}
        value={listOf(inbox.account)}
        onChange={([account]) => onChange({ account })}
      />
      <FilterMenu
        label="Platform"
        choices={PLATFORMS.map((id) => ({ id, label: platformName(id) }))}
        value={listOf(inbox.platform)}
        onChange={([platform]) => onChange({ platform, account: undefined })}
      />
      <FilterMenu
        label="Assigned to"
        choices={[{ id: ME, label: "Me" }, ...others.map(({ id, name }) => ({ id, label: name }))]}
        value={listOf(inbox.assignee)}
        onChange={([assignee]) => onChange({ assignee })}
      />
      <FilterMenu
        label="Since"
        choices={SPANS}
        value={listOf(inbox.since)}
        onChange={([since]) => onChange({ since })}
      />
      {inbox.post !== undefined && (
        <Button onPress={() => onChange({ post: undefined })}>
          Of one post <X aria-hidden />
        </Button>
      )}
      {isFiltered(inbox) && (
        <Button kind="quiet" onPress={() => onChange(Object.fromEntries(FILTERS.map((name) => [name, undefined])))}>
          <X aria-hidden /> Clear
        </Button>
      )}
    </>
  );
}

function listOf(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}
