import "./skeleton.css";

interface SkeletonProps {
  /** As a CSS length. */
  readonly width?: string;
  readonly height?: string;
}

/** A grey bar in the place of text that is on its way. */
export function Skeleton({ width = "100%", height = "1em" }: SkeletonProps) {
  return <span className="skeleton" style={{ width, height }} aria-hidden />;
}

/** Rows in the place of a list. Assistive technology hears that it loads. */
export function SkeletonRows({ rows = 8, height = "44px" }: { readonly rows?: number; readonly height?: string }) {
  return (
    <div className="skeleton-rows" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal rows that never move
        <div key={row} style={{ height }}>
          <Skeleton width={`${[68, 52, 74, 60][row % 4]}%`} />
        </div>
      ))}
    </div>
  );
}
