import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ExternalLink, Images, Plus } from "lucide-react";
import type { Environment, ListedSandboxAccount } from "presswork-client";
import { accountName, platformName } from "../../../platforms/platforms";
import { Badge } from "../../../ui/Badge";
import { Button } from "../../../ui/Button";
import { EmptyState } from "../../../ui/EmptyState";
import { ErrorNotice } from "../../../ui/ErrorNotice";
import { PlatformIcon } from "../../../ui/PlatformIcon";
import { SkeletonRows } from "../../../ui/Skeleton";
import { AccountDialog } from "./AccountDialog";
import { FeedPost } from "./FeedPost";
import { accountOf, accountsQuery, feedQuery } from "./queries";

const route = getRouteApi("/$environment/developers/sandbox");

/** The account in the address decides which link is the current one. */
const EXACT = { exact: true, includeSearch: true } as const;

/** The fake accounts, and what was published to them. The chosen account is in the address. */
export function Feeds({ environment, url }: { readonly environment: Environment; readonly url: string }) {
  const { account: text, dialog } = route.useSearch();
  const navigate = route.useNavigate();
  const account = accountOf(text);
  const accounts = useQuery(accountsQuery(environment));
  const feed = useQuery(feedQuery(environment, account));
  const show = (name: "account" | undefined) => navigate({ search: (before) => ({ ...before, dialog: name }) });
  const chosen = accounts.data?.items.find((one) => nameOf(one) === text);
  return (
    <section className="panel part" aria-labelledby="feeds">
      <header>
        <h2 id="feeds">Accounts and feeds</h2>
        <a className="button plain" href={chosen?.feedUrl ?? url} target="_blank" rel="noreferrer">
          <ExternalLink aria-hidden />{" "}
          {chosen === undefined ? "Feeds as pages" : `Page of ${accountName(chosen.platform, chosen.handle)}`}
        </a>
        <Button onPress={() => void show("account")}>
          <Plus aria-hidden /> New account
        </Button>
      </header>
      <div className="feeds">
        <nav aria-label="Fake accounts" className="feed-accounts">
          <Link to="." search={(before) => ({ ...before, account: undefined })} activeOptions={EXACT}>
            All accounts
          </Link>
          {accounts.data?.items.map((one) => (
            <Link
              key={nameOf(one)}
              to="."
              search={(before) => ({ ...before, account: nameOf(one) })}
              activeOptions={EXACT}
            >
              <PlatformIcon platform={one.platform} />
              <span className="cut">{accountName(one.platform, one.handle)}</span>
              {one.tier === "personal" && <Badge>personal</Badge>}
              <span className="soft small count">{one.posts}</span>
            </Link>
          ))}
        </nav>
        <div>
          {feed.isPending && <SkeletonRows rows={3} height="120px" />}
          {feed.isError && <ErrorNotice error={feed.error} />}
          {feed.data?.items.length === 0 && (
            <EmptyState icon={Images} title="Nothing is live here yet">
              {account === null
                ? "Connect one of these accounts to a project, and publish to it. Its posts appear here."
                : `Posts to ${accountName(account.platform, account.handle)} on ${platformName(account.platform)} appear here.`}
            </EmptyState>
          )}
          {feed.data !== undefined && feed.data.items.length > 0 && (
            <ul className="feed" aria-label="Live posts">
              {feed.data.items.map((post) => (
                <FeedPost key={`${post.platform} ${post.externalId}`} post={post} />
              ))}
            </ul>
          )}
        </div>
      </div>
      {dialog === "account" && <AccountDialog environment={environment} onClose={() => void show(undefined)} />}
    </section>
  );
}

function nameOf(account: ListedSandboxAccount): string {
  return `${account.platform}:${account.handle}`;
}
