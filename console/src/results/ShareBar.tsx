import "./share-bar.css";

/** How large a number is beside the largest one, as a bar. The number stands beside it; SVG is printed, too. */
export function ShareBar({ value, of }: { readonly value: number | null; readonly of: number }) {
  return (
    <svg className="share-bar" aria-hidden>
      <rect width={`${of > 0 ? (100 * (value ?? 0)) / of : 0}%`} height="6" rx="3" />
    </svg>
  );
}
