import { type ReactNode, useEffect } from "react";
import "./app.css";

/** A page with one card in its middle, for those who are not signed in. */
export function Sheet({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Presswork`;
  }, [title]);
  return (
    <main className="sheet-page">
      <div className="sheet">
        <div className="brand">
          <img src="/favicon.ico" alt="" /> Presswork
        </div>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
