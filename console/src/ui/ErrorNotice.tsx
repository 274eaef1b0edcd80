import { docUrlOf, messageOf } from "../api/errors";
import { Notice } from "./Notice";

/** What a person reads about a failed call, with a link to the page about its code. */
export function ErrorNotice({ error }: { readonly error: unknown }) {
  const more = docUrlOf(error);
  return (
    <Notice tone="bad">
      {messageOf(error)}
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
