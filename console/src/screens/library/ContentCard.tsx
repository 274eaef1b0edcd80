import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Environment, FoundContent } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { ContentBadges } from "../../content/ContentBadges";
import { hostOf } from "../../content/links";
import { Thumbnail } from "../../content/Thumbnail";
import { Labels } from "../../labels/Labels";
import { AccountMarks } from "../../posts/AccountMarks";
import { accountsQuery } from "../../posts/accounts";
import { captionLine } from "../../posts/captionLine";
import { Checkbox } from "../../ui/Checkbox";
import { Time } from "../../ui/Time";
import { usageOf } from "./usage";

interface ContentCardProps {
  readonly environment: Environment;
  readonly content: FoundContent;
}

interface SelectableCardProps extends ContentCardProps {
  readonly isSelected: boolean;
  /** Without it, content can't be selected. */
  readonly onSelect: ((isSelected: boolean) => void) | undefined;
}

/** One piece of content in the grid: what it is, where it is used, and when it goes out next. */
export function ContentCard({ environment, content, isSelected, onSelect }: SelectableCardProps) {
  const projects = useQuery(projectsQuery(environment));
  const project = projects.data?.find(({ id }) => id === content.projectId);
  const hasWordsAbove = content.mediaType === "text" && !content.link?.thumbnailUrl;
  return (
    <li className={isSelected ? "content-card panel selected" : "content-card panel"}>
      {onSelect !== undefined && (
        <span className="card-check">
          <Checkbox
            aria-label={`Select ${captionLine(content.caption) || "content without a caption"}`}
            isSelected={isSelected}
            onChange={onSelect}
          />
        </span>
      )}
      <Link to="/$environment/content/$containerId" params={{ environment, containerId: content.id }}>
        <Thumbnail content={content} isLarge />
        <span className="card-text">
          <span className="card-caption">
            {hasWordsAbove ? (
              <span className="soft">{content.link === null ? "Text" : hostOf(content.link.url)}</span>
            ) : content.caption.trim() === "" ? (
              <span className="soft">Without a caption</span>
            ) : (
              captionLine(content.caption)
            )}
          </span>
          <span className="card-badges">
            <ContentBadges content={content} />
          </span>
          <Labels labels={content.labels} />
          <Use environment={environment} content={content} zone={project?.timezone} />
          <span className="soft small cut">
            {project?.name} · <Time at={content.createdAt} zone={project?.timezone} isRelative />
          </span>
        </span>
      </Link>
    </li>
  );
}

/** The accounts of content, each with the state of its post, and when the next one goes out. */
function Use({ environment, content, zone }: ContentCardProps & { readonly zone: string | undefined }) {
  const accounts = useQuery(accountsQuery(environment)).data;
  if (content.posts.length === 0) {
    // What waits for approval may have times that it goes out at: Approvals shows them.
    return content.approvalStatus === "pending" ? null : <span className="soft small card-use">Not planned yet</span>;
  }
  const { posts, state, at } = usageOf(content.posts, accounts ?? []);
  return (
    <span className="card-use">
      <AccountMarks posts={posts} limit={7} />
      <span className={`small cut card-state ${state.tone}`}>
        {at !== null && <Time at={at} zone={zone} />}
        {at !== null && " · "}
        {state.text}
      </span>
    </span>
  );
}
