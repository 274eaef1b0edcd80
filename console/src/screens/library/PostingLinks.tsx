import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Content, Environment, TikTokPostLink } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { LinkStatusBadge } from "../../content/PageLinkState";
import { RevokeLink } from "../../content/RevokeLink";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SecretDialog } from "../../ui/SecretDialog";
import { Time } from "../../ui/Time";
import { MakePostingLink } from "./MakePostingLink";

interface PostingLinksProps {
  readonly environment: Environment;
  readonly content: Content;
  /** Whether the form for a new link is open. */
  readonly isMaking: boolean;
  readonly onClose: () => void;
}

/** The links at which a creator posts this content to TikTok. Nothing while there is none. */
export function PostingLinks({ environment, content, isMaking, onClose }: PostingLinksProps) {
  const [address, setAddress] = useState<string | null>(null);
  const queries = useQueryClient();
  const key = [environment, "content", content.id, "posting-links"];
  const { tiktokPostLinks } = clientOf(environment);
  const list = usePages(key, () => tiktokPostLinks.list({ containerId: content.id }));
  return (
    <>
      {(list.rows.length > 0 || list.error !== null) && (
        <section className="panel content-part" aria-labelledby="posting-links">
          <h2 id="posting-links">TikTok posting links</h2>
          {list.error !== null && <ErrorNotice error={list.error} />}
          <ul className="posting-links">
            {list.rows.map((link) => (
              <li key={link.id} className="posting-link">
                <span className="two-lines">
                  <span>
                    Made <Time at={link.createdAt} isRelative />, opened {times(link.visits)}
                  </span>
                  <span className="soft small">
                    <Fate environment={environment} link={link} />
                  </span>
                </span>
                {link.status === "active" && (
                  <RevokeLink
                    revoke={() => tiktokPostLinks.revoke({ containerId: content.id, tiktokPostLinkId: link.id })}
                    queryKey={key}
                    effect="Its page is gone at once. A post that was made with it stays."
                  />
                )}
              </li>
            ))}
          </ul>
          {list.hasMore && (
            <Button onPress={list.fetchMore} isPending={list.isFetchingMore}>
              Show more
            </Button>
          )}
        </section>
      )}
      {isMaking && (
        <MakePostingLink
          environment={environment}
          content={content}
          onClose={onClose}
          onMade={(url) => {
            setAddress(url);
            void queries.invalidateQueries({ queryKey: key });
          }}
        />
      )}
      <SecretDialog title="The new link" what="the link" secret={address} onClose={() => setAddress(null)} />
    </>
  );
}

function Fate({ environment, link }: { readonly environment: Environment; readonly link: TikTokPostLink }) {
  if (link.scheduledPostId !== null) {
    return (
      <>
        <Badge tone="good">used</Badge>{" "}
        <Link to="/$environment/posts/$postId" params={{ environment, postId: link.scheduledPostId }}>
          See the post
        </Link>
      </>
    );
  }
  if (link.status !== "active") return <LinkStatusBadge status={link.status} />;
  return (
    <>
      Expires <Time at={link.expiresAt} isRelative />
    </>
  );
}

function times(visits: number): string {
  return visits === 0 ? "never" : visits === 1 ? "once" : `${visits} times`;
}
