import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Content, Environment } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { ContentBadges } from "../../content/ContentBadges";
import { hostOf } from "../../content/links";
import { Thumbnail } from "../../content/Thumbnail";
import { Time } from "../../ui/Time";

/** One piece of content in the grid. */
export function ContentCard({
  environment,
  content,
}: {
  readonly environment: Environment;
  readonly content: Content;
}) {
  const projects = useQuery(projectsQuery(environment));
  const project = projects.data?.find(({ id }) => id === content.projectId);
  const hasWordsAbove = content.mediaType === "text" && !content.link?.thumbnailUrl;
  return (
    <li className="content-card panel">
      <Link to="/$environment/content/$containerId" params={{ environment, containerId: content.id }}>
        <Thumbnail content={content} isLarge />
        <span className="card-text">
          <span className="card-caption">
            {hasWordsAbove ? (
              <span className="soft">{content.link === null ? "Text" : hostOf(content.link.url)}</span>
            ) : (
              content.caption || <span className="soft">Without a caption</span>
            )}
          </span>
          <span className="card-badges">
            <ContentBadges content={content} />
          </span>
          <span className="soft small cut">
            {project?.name} · <Time at={content.createdAt} zone={project?.timezone} isRelative />
          </span>
        </span>
      </Link>
    </li>
  );
}
