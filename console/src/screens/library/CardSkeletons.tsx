import { Skeleton } from "../../ui/Skeleton";
import "./library.css";

const CARDS = 12;

/** Cards in the place of a grid that is on its way. */
export function CardSkeletons() {
  return (
    <div className="library" role="status" aria-label="Loading">
      {Array.from({ length: CARDS }, (_, card) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: equal cards that never move
        <div key={card} className="content-card panel">
          <Skeleton height="220px" />
          <div className="card-text">
            <Skeleton width="80%" />
            <Skeleton width="50%" />
          </div>
        </div>
      ))}
    </div>
  );
}
