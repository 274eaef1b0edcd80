import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Badge } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { ErrorNotice } from "../../ui/ErrorNotice";
import { SkeletonRows } from "../../ui/Skeleton";
import { readPushState, turnPushOff, turnPushOn } from "./push";

const queryKey = ["push"];

/** Turns push messages on and off in this browser. The browser asks for permission only after the button is pressed. */
export function PushMessages() {
  const queries = useQueryClient();
  const state = useQuery({ queryKey, queryFn: readPushState });
  const change = useMutation({
    mutationFn: (isOn: boolean) => (isOn ? turnPushOff() : turnPushOn()),
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
  const isOn = state.data === "on";
  return (
    <section className="panel you-part" aria-labelledby="you-push">
      <header className="you-head">
        <h2 id="you-push">Notifications in this browser</h2>
        {isOn && <Badge tone="good">on</Badge>}
      </header>
      <ErrorNotice error={change.error ?? state.error} />
      {state.isPending && <SkeletonRows rows={1} />}
      {state.data === "unsupported" && (
        <p className="soft">
          This browser shows no push messages here. They need https; on an iPhone or iPad, add Presswork to the home
          screen first, and open it from there.
        </p>
      )}
      {state.data === "blocked" && (
        <p className="soft">
          The browser does not allow notifications from this site. Allow them in its settings for this site, then reload
          the page.
        </p>
      )}
      {(state.data === "off" || isOn) && (
        <>
          <p className="soft">
            What needs you is shown on this device, also while Presswork is closed. Anyone who sees its screen can read
            it.
          </p>
          <Button isPending={change.isPending} onPress={() => change.mutate(isOn)}>
            {isOn ? "Turn off" : "Turn on"}
          </Button>
        </>
      )}
    </section>
  );
}
