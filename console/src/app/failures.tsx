import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { messageOf } from "../api/errors";
import { Button } from "../ui/Button";
import { Sheet } from "./Sheet";

/** What a person sees whose link leads nowhere. */
export function NotFound() {
  return (
    <Sheet title="There is no such page">
      <p>
        The link may be of a former version, or a part of it is missing. <Link to="/">Open the console</Link>.
      </p>
    </Sheet>
  );
}

/** What a person sees if a screen fails. */
export function Failed({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const retry = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Sheet title="This screen could not be shown">
      <p>{messageOf(error)}</p>
      <Button kind="primary" onPress={retry}>
        Try again
      </Button>
    </Sheet>
  );
}
