import type { Environment, ScheduledPost } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { useRowFacts } from "../useRowFacts";

const SHOWN = 40;

/** What a person knows a post by: the beginning of its caption and its account. */
export function PostName({ environment, post }: { readonly environment: Environment; readonly post: ScheduledPost }) {
  const { caption, handle } = useRowFacts(environment, post);
  const line = caption?.split("\n", 1)[0] ?? "";
  return (
    <>
      “{line === "" ? "Without a caption" : line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}”
      {handle !== undefined && ` on ${accountName(post.platform, handle)}`}
    </>
  );
}
