import { useQuery } from "@tanstack/react-query";
import { X } from "lucide-react";
import type { Assignee, Environment } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import type { SignedIn } from "../../api/session";
import { accountName, PLATFORMS, platformName } from "../../platforms/platforms";
import { accountsQuery } from "../../posts/accounts";
import { Button } from "../../ui/Button";
import { PlatformIcon } from "../../ui/PlatformIcon";
import { type Choice, Select } from "../../ui/Select";
import { type CommentsSearch, FILTERS, type Inbox, isFiltered, ME, SPANS } from "./search";

/** Stands for no filter in a list of choices. */
const ALL = "all";

interface FiltersProps {
  readonly environment: Environment;
  readonly session: SignedIn;
  readonly inbox: Inbox;
  readonly people: readonly Assignee[];
  readonly onChange: (change: CommentsSearch) => void;
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
    <search className="comment-filters">
      {projects.length > 1 && (
        <Filter
          label="Project"
          all="All projects"
          choices={projects.map(({ id, name }) => ({ id, label: name }))}
          value={inbox.project}
          onChange={(project) => onChange({ project, account: undefined })}
        />
      )}
      <Filter
        label="Account"
        all="All accounts"
        choices={shown.map((account) => ({
          id: account.socialAccountId,
          label: accountName(account.platform, account.handle),
          icon: <PlatformIcon platform={account.platform} />,
        }))}
        value={inbox.account}
        onChange={(account) => onChange({ account })}
      />
      <Filter
        label="Platform"
        all="All platforms"
        choices={PLATFORMS.map((id) => ({ id, label: platformName(id) }))}
        value={inbox.platform}
        onChange={(platform) => onChange({ platform, account: undefined })}
      />
      <Filter
        label="Assigned to"
        all="Assigned or not"
        choices={[{ id: ME, label: "Assigned to me" }, ...others.map(({ id, name }) => ({ id, label: name }))]}
        value={inbox.assignee}
        onChange={(assignee) => onChange({ assignee })}
      />
      <Filter
        label="Since"
        all="Any time"
        choices={SPANS}
        value={inbox.since}
        onChange={(since) => onChange({ since })}
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
    </search>
  );
}

interface FilterProps {
  readonly label: string;
  /** What it is called that nothing is chosen. */
  readonly all: string;
  readonly choices: readonly Choice<string>[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

function Filter({ label, all, choices, value, onChange }: FilterProps) {
  return (
    <Select
      label={label}
      isLabelHidden
      choices={[{ id: ALL, label: all }, ...choices]}
      value={value ?? ALL}
      placeholder="…"
      onChange={(id) => onChange(id === ALL ? undefined : id)}
    />
  );
}
