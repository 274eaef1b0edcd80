import type { Content, Project } from "presswork-client";
import { fileFacts } from "../../content/media";
import { CopyButton } from "../../ui/CopyButton";
import { Fact, Facts } from "../../ui/Facts";
import { Time } from "../../ui/Time";

interface ContentFactsProps {
  readonly content: Content;
  readonly project: Project | undefined;
}

/** The files of content with what was measured, and where it belongs. */
export function ContentFacts({ content, project }: ContentFactsProps) {
  const isMany = content.media.length > 1;
  return (
    <Facts>
      {content.media.map((item, position) => (
        <Fact key={item.id} name={isMany ? `Picture ${position + 1}` : "File"}>
          {item.filename !== null && <div>{item.filename}</div>}
          <div className="soft small">{fileFacts(item)}</div>
        </Fact>
      ))}
      <Fact name="Project">{project?.name}</Fact>
      <Fact name="Made">
        <Time at={content.createdAt} zone={project?.timezone} />
      </Fact>
      <Fact name="Revision">{content.revision}</Fact>
      <Fact name="Id">
        <code>{content.id}</code> <CopyButton text={content.id} what="the id of the content" />
      </Fact>
    </Facts>
  );
}
