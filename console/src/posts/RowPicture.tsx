import { TextAlignStart } from "lucide-react";
import "./row-picture.css";

interface RowPictureProps {
  /** undefined: it is not known yet. */
  readonly url: string | null | undefined;
  readonly className: string;
}

/** The picture of a post in a list, beside its text; lines, where it has none. */
export function RowPicture({ url, className }: RowPictureProps) {
  if (url) return <img className={className} src={url} alt="" loading="lazy" decoding="async" draggable={false} />;
  return <span className={`${className} row-picture`}>{url === null && <TextAlignStart aria-hidden />}</span>;
}
