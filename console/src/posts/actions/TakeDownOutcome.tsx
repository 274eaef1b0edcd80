import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleX, LoaderCircle } from "lucide-react";
import type { Environment, ScheduledPost } from "presswork-client";
import { adviceOf, isNotTakenDown } from "../afterwards";
import { livePageOf } from "../livePage";
import { postQuery } from "../queries";
import { PostName } from "./PostName";

interface TakeDownOutcomeProps {
  readonly environment: Environment;
  readonly postId: string;
  /** Where it is known already, for its name. */
  readonly post?: ScheduledPost | undefined;
}

/** What became of one post that is taken down, which changes by itself; where a person must delete it, how. */
export function TakeDownOutcome({ environment, postId, post }: TakeDownOutcomeProps) {
  const { data } = useQuery({ ...postQuery(environment, postId), refetchInterval: false }); // its end is an event
  const liveStatus = data?.liveStatus ?? "taking_down";
  const isBad = isNotTakenDown(liveStatus);
  const isOver = liveStatus === "taken_down" || liveStatus === "gone";
  const page = data && livePageOf(data);
  const Icon = isBad ? CircleX : isOver ? CircleCheck : LoaderCircle;
  return (
    <li className={isBad ? "result bad" : isOver ? "result good" : "result"}>
      <Icon aria-hidden />
      <span>
        <PostName environment={environment} postId={postId} post={post ?? data} />:{" "}
        {isBad && data ? (
          <>
            <span className="result-error">not taken down. {adviceOf(data)}</span>{" "}
            {page && (
              <a href={page.url} target="_blank" rel="noreferrer">
                {page.label}
              </a>
            )}
          </>
        ) : (
          <span className="soft">
            {isOver ? (liveStatus === "gone" ? "was gone already" : "taken down") : "being taken down"}
          </span>
        )}
      </span>
    </li>
  );
}
