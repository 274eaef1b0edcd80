import type { Dispatch } from "react";
import { MAX_CHARACTERS } from "../../api/maxima";
import { Fold } from "../../ui/Fold";
import { TextField } from "../../ui/TextField";
import type { Action, DraftFile } from "./draft";
import { isDocument, isVideo } from "./draft";

interface AltTextsProps {
  readonly files: readonly DraftFile[];
  readonly dispatch: Dispatch<Action>;
}

/** What the pictures show, for people who can't see them. */
export function AltTexts({ files, dispatch }: AltTextsProps) {
  const pictures = files.filter((file) => !isVideo(file) && !isDocument(file));
  if (pictures.length === 0) return null;
  const described = pictures.filter(({ altText }) => altText !== "").length;
  return (
    <Fold title="Alternative texts" aside={`${described} of ${pictures.length}`}>
      {pictures.map((file) => (
        <TextField
          key={file.id}
          label={pictures.length === 1 ? "What the picture shows" : `What picture ${files.indexOf(file) + 1} shows`}
          value={file.altText}
          maxLength={MAX_CHARACTERS.altText}
          onChange={(altText) => dispatch({ type: "file", id: file.id, change: { altText } })}
        />
      ))}
    </Fold>
  );
}
