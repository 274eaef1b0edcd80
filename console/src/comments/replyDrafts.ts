const keyOf = (commentId: string) => `presswork-reply-text-${commentId}`;

/** Returns the text of a reply that was begun in this tab. */
export function draftOf(commentId: string): string {
  return sessionStorage.getItem(keyOf(commentId)) ?? "";
}

/** Keeps the text of a reply until it is sent, also while other comments are read. */
export function keepDraft(commentId: string, text: string): void {
  try {
    if (text === "") sessionStorage.removeItem(keyOf(commentId));
    else sessionStorage.setItem(keyOf(commentId), text);
  } catch {
    // It is too long for the browser: it is known until the comment is left.
  }
}
