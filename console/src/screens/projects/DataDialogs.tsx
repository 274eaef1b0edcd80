import type { Environment, Project } from "presswork-client";
import { EraseDialog } from "./EraseDialog";
import { ExportDialog } from "./ExportDialog";

interface DataDialogsProps {
  readonly open: "export" | "erase";
  readonly environment: Environment;
  readonly project: Project;
  readonly onClose: () => void;
  readonly onErased: () => void;
}

/** The dialogs about all data of a project: their code comes with the first one that opens. */
export default function DataDialogs({ open, onErased, ...shared }: DataDialogsProps) {
  return open === "export" ? <ExportDialog {...shared} /> : <EraseDialog {...shared} onErased={onErased} />;
}
