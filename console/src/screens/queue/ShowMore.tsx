import { useEffect, useRef } from "react";
import { Button } from "../../ui/Button";

const AHEAD = "600px";

interface ShowMoreProps {
  readonly isPending: boolean;
  /** After an error, a person decides when to try again. */
  readonly hasFailed: boolean;
  readonly onMore: () => void;
}

/** Reads the next rows when a person comes near the end of the list, or when it is pressed. */
export function ShowMore({ isPending, hasFailed, onMore }: ShowMoreProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  useEffect(() => {
    latest.current = onMore;
  });
  useEffect(() => {
    if (isPending || hasFailed || place.current === null) return;
    // A new observer reports at once, so a page that leaves the end in sight is followed by the next one.
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) latest.current();
      },
      { rootMargin: AHEAD },
    );
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isPending, hasFailed]);
  return (
    <div className="more" ref={place}>
      <Button isPending={isPending} onPress={onMore}>
        Show more
      </Button>
    </div>
  );
}
