import { lazy, Suspense } from "react";
import { Skeleton } from "../../ui/Skeleton";

const ZoneBox = lazy(() => import("./ZoneBox"));

export interface ZoneFieldProps {
  readonly value: string;
  readonly onChange: (zone: string) => void;
  readonly error?: string | undefined;
  readonly isDisabled?: boolean;
}

/** A time zone, found by a part of its name. */
export function ZoneField(props: ZoneFieldProps) {
  return (
    <Suspense fallback={<Skeleton height="84px" />}>
      <ZoneBox {...props} />
    </Suspense>
  );
}
