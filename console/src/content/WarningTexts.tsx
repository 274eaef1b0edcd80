import { TriangleAlert } from "lucide-react";
import type { Content } from "presswork-client";
import "./content.css";

/** What could not be done as wished when content was saved: a page that could not be read. */
export function WarningTexts({ content }: { readonly content: Pick<Content, "warnings"> }) {
  if (content.warnings.length === 0) return null;
  return (
    <ul className="content-warnings small">
      {content.warnings.map(({ code, message }) => (
        <li key={code} className="content-warning">
          <TriangleAlert aria-label="Warning" role="img" /> <span>{message}</span>
        </li>
      ))}
    </ul>
  );
}
