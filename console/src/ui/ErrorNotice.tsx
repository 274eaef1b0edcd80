import { docUrlOf, messageBeside } from "../api/errors";
import { Notice } from "./Notice";

interface ErrorNoticeProps {
  /** null: nothing failed. */
  readonly error: unknown;
  /** Of a form: the paths whose issues its fields show. The notice has the others, or does not appear. */
  readonly fields?: readonly string[];
}

/** What a person reads about a failed call, with a link to the page about its code. */
export function ErrorNotice({ error, fields = [] }: ErrorNoticeProps) {
  const message = messageBeside(error, fields);
  const more = docUrlOf(error);
  if (message === null) return null;
  return (
    <Notice tone="bad">
      {message}
      {more !== undefined && (
        <>
          {" "}
          <a href={more} target="_blank" rel="noreferrer">
            More about this
          </a>
        </>
      )}
    </Notice>
  );
}
