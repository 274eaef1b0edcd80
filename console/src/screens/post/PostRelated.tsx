import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { FileText, Folder } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { projectsQuery } from "../../api/projects";
import { postsOfContentQuery } from "../../content/queries";
import { PostMarks } from "../../posts/PostMarks";
import { contentQuery } from "../../posts/queries";

const SHOWN = 16;

interface PostRelatedProps {
  readonly environment: Environment;
  readonly post: ScheduledPost;
}

/** What a post belongs to: its content, with the other posts of it, and its project. */
export function PostRelated({ environment, post }: PostRelatedProps) {
  const projects = useQuery(projectsQuery(environment));
  const all = useQuery(postsOfContentQuery(environment, post.containerId)).data ?? [];
  const siblings = all.toSorted((one, other) => distanceOf(one, post) - distanceOf(other, post));
  const project = projects.data?.find(({ id }) => id === post.projectId);
  const others = siblings.length - 1;
  const isDeleted = useQuery(contentQuery(environment, post.containerId)).data?.status === "deleted";
  return (
    <div className="post-related">
      {others > 0 && (
        <section aria-label="The same content">
          <p className="soft small">The same content has {others === 1 ? "1 other post" : `${others} other posts`}</p>
          <PostMarks
            environment={environment}
            posts={siblings.slice(0, SHOWN)}
            label="Posts of the same content"
            currentId={post.id}
          />
        </section>
      )}
      <p className="small post-links">
        <Link to="/$environment/content/$containerId" params={{ environment, containerId: post.containerId }}>
          <FileText aria-hidden /> {isDeleted ? "The content was deleted" : "Open the content"}
          {siblings.length > SHOWN && ` and all ${siblings.length} posts`}
        </Link>
        <Link to="/$environment/accounts/projects/$projectId" params={{ environment, projectId: post.projectId }}>
          <Folder aria-hidden /> {project?.name ?? "Project"}
        </Link>
      </p>
    </div>
  );
}

/** How far two posts are apart, in milliseconds: those that go out together come first. */
function distanceOf(one: Pick<ScheduledPost, "scheduledFor">, other: Pick<ScheduledPost, "scheduledFor">): number {
  return Math.abs(Date.parse(one.scheduledFor) - Date.parse(other.scheduledFor));
}
