/** Returns how a field shows an error of the server. The browser would not send a form again while a field is invalid. */
export function refusedBy(error: string | undefined) {
  return { isInvalid: error !== undefined, validationBehavior: error === undefined ? "native" : "aria" } as const;
}
