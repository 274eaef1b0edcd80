import type { Content } from "presswork-client";
import { Notice } from "../../ui/Notice";
import { Time } from "../../ui/Time";

interface RemovedNoticeProps {
  readonly content: Content;
  readonly zone: string | undefined;
}

/** Says of content that was deleted, or whose files were removed, since when, and what stays. */
export function RemovedNotice({ content, zone }: RemovedNoticeProps) {
  if (content.deletedAt !== null) {
    return (
      <Notice title="This content was deleted">
        <Time at={content.deletedAt} zone={zone} />. Its files are gone
        {content.erasedAt === null ? "" : ", and its texts were erased"}. Posts that were live stay live on their
        networks.
      </Notice>
    );
  }
  if (content.mediaRemovedAt !== null) {
    return (
      <Notice title="The files of this content were removed">
        <Time at={content.mediaRemovedAt} zone={zone} />, some time after its last post, as this server is set up. The
        previews stay. To post it again, upload the files as new content.
      </Notice>
    );
  }
  return null;
}
