import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FolderOpen } from "lucide-react";
import type { Environment } from "presswork-client";
import { useState } from "react";
import { Label, ProgressBar } from "react-aria-components";
import { clientOf } from "../../api/client";
import { isArchived, projectsQuery } from "../../api/projects";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { FileButton } from "../../ui/FileButton";
import { Notice } from "../../ui/Notice";
import { Select } from "../../ui/Select";
import { TextField } from "../../ui/TextField";
import { ACCEPTED, isAccepted, refusalOf } from "../compose/acceptFiles";
import { putFile } from "../compose/putFile";

interface UploadDialogProps {
  readonly environment: Environment;
  /** The project that the library shows, if it is one. */
  readonly project: string | undefined;
  readonly onClose: () => void;
}

/** Puts files with their text into the library, to be posted later. */
export default function UploadDialog({ environment, project, onClose }: UploadDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const projects = useQuery(projectsQuery(environment)).data?.filter((one) => !isArchived(one)) ?? [];
  const [chosen, setChosen] = useState(project);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [caption, setCaption] = useState("");
  const [sentBytes, setSentBytes] = useState(0);
  const projectId = chosen ?? projects[0]?.id;
  const refusals = files.flatMap((file) => refusalOf(file) ?? []);
  const upload = useMutation({
    mutationFn: async () => {
      const { content } = clientOf(environment);
      const { items } = await content.openUploads({
        projectId: projectId ?? "",
        grouping: files.length === 1 ? "per-file" : "slideshow",
        files: files.flatMap(({ name, type, size }) =>
          isAccepted(type) ? [{ filename: name, contentType: type, sizeBytes: size }] : [],
        ),
      });
      const [opened] = items;
      if (opened === undefined) throw new Error("The server opened no upload.");
      let before = 0;
      for (const [place, target] of opened.files.entries()) {
        const file = files[place] ?? new File([], "");
        const onProgress = (bytes: number) => setSentBytes(before + bytes);
        await putFile(target, file, { onProgress, signal: new AbortController().signal });
        before += file.size;
      }
      return content.finalizeUpload({ containerId: opened.containerId, caption });
    },
    onSuccess: async ({ id }) => {
      await queries.invalidateQueries({ queryKey: [environment, "content"] });
      await navigate({ to: "/$environment/content/$containerId", params: { environment, containerId: id } });
    },
  });
  const isReady = projectId !== undefined && files.length > 0 && refusals.length === 0 && caption.trim() !== "";
  return (
    <Dialog
      isOpen
      isAlert={upload.isPending}
      onClose={onClose}
      title="Upload to the library"
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={upload.isPending} isDisabled={!isReady} onPress={() => upload.mutate()}>
            Upload
          </Button>
        </>
      }
    >
      <ErrorNotice error={upload.error} />
      {projects.length > 1 && (
        <Select
          label="Project"
          choices={projects.map(({ id, name }) => ({ id, label: name }))}
          value={projectId ?? null}
          onChange={setChosen}
        />
      )}
      <FileButton isMultiple isDisabled={upload.isPending} accepted={ACCEPTED} onFiles={setFiles}>
        <FolderOpen aria-hidden /> Choose files
      </FileButton>
      {files.length > 0 && (
        <ul className="upload-files" aria-label="Files">
          {files.map((file) => (
            <li key={`${file.name} ${file.lastModified}`} className="cut">
              {file.name}
            </li>
          ))}
        </ul>
      )}
      {refusals.map((refusal) => (
        <Notice key={refusal} tone="bad">
          {refusal}
        </Notice>
      ))}
      <TextField
        label="Text"
        rows={3}
        value={caption}
        onChange={setCaption}
        description="Several files become one post with several pictures. You can change the text when you post it."
      />
      {upload.isPending && (
        <ProgressBar className="progress" value={sentBytes} maxValue={files.reduce((sum, { size }) => sum + size, 0)}>
          {({ percentage = 0 }) => (
            <>
              <Label className="visually-hidden">Uploaded</Label>
              <span className="progress-fill" style={{ width: `${percentage}%` }} />
            </>
          )}
        </ProgressBar>
      )}
    </Dialog>
  );
}
