import { CircleAlert, TriangleAlert } from "lucide-react";
import type { Field, Finding } from "./findings";
import { isAt } from "./findings";

interface FindingsProps {
  readonly findings: readonly Finding[];
  readonly field: Field;
  /** Returns the handle of an account. */
  readonly nameOf: (socialAccountId: string) => string;
}

/** The findings about one field. Those about several accounts name them. */
export function Findings({ findings, field, nameOf }: FindingsProps) {
  const here = findings.filter((finding) => isAt(finding, field));
  if (here.length === 0) return null;
  const isOfContent = typeof field === "string";
  return (
    <ul className="field-findings" aria-live="polite">
      {here.map(({ isError, message, accounts }) => (
        <li key={`${isError} ${message}`} className={isError ? "field-finding error" : "field-finding warn"}>
          {isError ? <CircleAlert aria-label="Error" role="img" /> : <TriangleAlert aria-label="Warning" role="img" />}
          <span>
            {isOfContent && accounts.length > 0 && <strong>{accounts.map(nameOf).join(", ")}: </strong>}
            {message}
          </span>
        </li>
      ))}
    </ul>
  );
}
