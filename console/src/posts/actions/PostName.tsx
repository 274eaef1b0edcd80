import { useQuery } from "@tanstack/react-query";
import type { Environment, ScheduledPost } from "presswork-client";
import { accountName } from "../../platforms/platforms";
import { postQuery } from "../queries";
import { useRowFacts } from "../useRowFacts";

const SHOWN = 40;

interface PostNameProps {
  readonly environment: Environment;
  readonly postId: string;
  /** Where it is known already; else it is read. */
  readonly post?: ScheduledPost | undefined;
}

/** What a person knows a post by: the beginning of its caption and its account. */
export function PostName({ environment, postId, post }: PostNameProps) {
  const read = useQuery({ ...postQuery(environment, postId), enabled: post === undefined }).data;
  const known = post ?? read;
  return known === undefined ? "A post" : <KnownName environment={environment} post={known} />;
}

function KnownName({ environment, post }: { readonly environment: Environment; readonly post: ScheduledPost }) {
  const { caption, handle } = useRowFacts(environment, post);
  const line = caption?.split("\n", 1)[0] ?? "";
  return (
    <>
      “{line === "" ? "Without a caption" : line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line}”
      {handle !== undefined && ` on ${accountName(post.platform, handle)}`}
    </>
  );
}
