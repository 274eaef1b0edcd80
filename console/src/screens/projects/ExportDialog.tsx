import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download } from "lucide-react";
import type { Environment, Export, Project } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { fileSize } from "../../content/media";
import { Button, buttonClass } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { Time } from "../../ui/Time";
import { exportsQuery } from "./dataQueries";
import { JobProgress } from "./JobProgress";

interface ExportDialogProps {
  readonly environment: Environment;
  readonly project: Project;
  readonly onClose: () => void;
}

/** Makes an archive of everything that a project has, and offers those of the last days. */
export function ExportDialog({ environment, project, onClose }: ExportDialogProps) {
  const queries = useQueryClient();
  const [hasMedia, setHasMedia] = useState(false);
  const made = useQuery(exportsQuery(environment, project.id));
  const start = useMutation({
    mutationFn: () => clientOf(environment).projects.startExport({ projectId: project.id, media: hasMedia }),
    onSettled: () => queries.invalidateQueries({ queryKey: [environment, "exports", project.id] }),
  });
  const isRunning = made.data?.some(({ status }) => status === "running") ?? false;
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`Export the data of ${project.name}`}
      actions={
        <>
          <Button onPress={onClose}>Close</Button>
          <Button
            kind="primary"
            isPending={start.isPending}
            isDisabled={made.isPending || isRunning}
            onPress={() => start.mutate()}
          >
            Start the export
          </Button>
        </>
      }
    >
      <ErrorNotice error={start.error ?? made.error} />
      <p>
        One ZIP archive with the content, posts, accounts, reviews, drafts and links of the project and its lines of the
        audit log, without access tokens and secrets. It is deleted after three days.
      </p>
      <Checkbox isSelected={hasMedia} isDisabled={isRunning} onChange={setHasMedia}>
        With the original media files
      </Checkbox>
      {made.data !== undefined && made.data.length > 0 && (
        <ul className="project-exports" aria-label="Exports">
          {made.data.map((one) => (
            <li key={one.id}>
              <span>
                <Time at={one.createdAt} isRelative />
                <span className="soft small"> {one.media ? "with media" : "without media"}</span>
              </span>
              <State made={one} />
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

function State({ made }: { readonly made: Export }) {
  if (made.status === "running") return <JobProgress label="Export" progress={made.progress} />;
  if (made.url === null) return <span className="error small">{made.error ?? "Failed"}</span>;
  return (
    <a className={buttonClass("plain")} href={made.url} download>
      <Download aria-hidden /> Download {made.sizeBytes !== null && fileSize(made.sizeBytes)}
    </a>
  );
}
