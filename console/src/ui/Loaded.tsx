import type { ReactNode } from "react";
import { ErrorNotice } from "./ErrorNotice";
import "./loaded.css";

interface LoadedProps<T> {
  /** What `useQuery` returned. */
  readonly query: { readonly data: T | undefined; readonly error: Error | null };
  /** Shown until something was read. */
  readonly skeleton: ReactNode;
  /** Shown instead of the error's message if nothing could be read. */
  readonly failed?: (error: Error) => ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** What was read. If a later read fails, the error is above it: what a person types, and open dialogs, stay. */
export function Loaded<T>({ query: { data, error }, skeleton, failed, children }: LoadedProps<T>) {
  if (data !== undefined) {
    return (
      <>
        {error !== null && (
          <div className="later-error">
            <ErrorNotice error={error} />
          </div>
        )}
        {children(data)}
      </>
    );
  }
  if (error === null) return skeleton;
  return failed === undefined ? <ErrorNotice error={error} /> : failed(error);
}
