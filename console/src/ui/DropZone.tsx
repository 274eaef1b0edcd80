import { type DragEvent, type ReactNode, useState } from "react";

interface DropZoneProps {
  readonly className: string;
  readonly isDisabled?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ReactNode;
}

/** A place where files can be dropped. Who has no mouse chooses them with a button in it. */
export function DropZone({ className, isDisabled = false, onFiles, children }: DropZoneProps) {
  const [isOver, setOver] = useState(false);
  const takes = ({ dataTransfer }: DragEvent) => !isDisabled && dataTransfer.types.includes("Files");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a file can also be chosen
    <div
      className={className}
      {...(isOver && { "data-drop-target": true })}
      onDragOver={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        setOver(false);
        if (!takes(event)) return;
        event.preventDefault();
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
    </div>
  );
}
