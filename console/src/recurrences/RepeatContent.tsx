import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import type { Content, Environment, ScheduledPost } from "presswork-client";
import { useState } from "react";
import { platformsQuery } from "../platforms/descriptions";
import { accountName } from "../platforms/platforms";
import { accountsQuery } from "../posts/accounts";
import { draftOfPost, paramOf } from "../screens/compose/fromPost";
import { CheckboxList } from "../ui/CheckboxList";
import RepeatDialog from "./RepeatDialog";

interface RepeatContentProps {
  readonly environment: Environment;
  readonly content: Content;
  /** Posts of this content, whose accounts and options are taken over. */
  readonly posts: readonly ScheduledPost[];
  readonly zone: string;
  readonly onClose: () => void;
}

/** Repeats content on accounts that had it: each with the texts and options of its last post. */
export default function RepeatContent({ environment, content, posts, zone, onClose }: RepeatContentProps) {
  useSuspenseQuery(platformsQuery); // which the functions of the composer read
  const accounts = useQuery(accountsQuery(environment)).data ?? [];
  const last = [...new Map(posts.toReversed().map((post) => [post.socialAccountId, post])).values()].toReversed();
  const [chosen, setChosen] = useState<readonly string[]>(() => last.map(({ socialAccountId }) => socialAccountId));
  const targets = last
    .filter(({ socialAccountId }) => chosen.includes(socialAccountId))
    .flatMap((post) => paramOf(draftOfPost(post, content), content) ?? []);
  const nameOf = ({ socialAccountId, platform }: ScheduledPost) => {
    const handle = accounts.find((one) => one.socialAccountId === socialAccountId)?.handle;
    return accountName(platform, handle ?? "…");
  };
  return (
    <RepeatDialog
      {...{ environment, zone, onClose }}
      recurrence={null}
      prepare={targets.length === 0 ? null : async () => ({ containerId: content.id, targets })}
    >
      {last.length > 1 && (
        <CheckboxList
          label="On"
          choices={last.map((post) => ({ value: post.socialAccountId, label: nameOf(post) }))}
          value={chosen}
          onChange={setChosen}
        />
      )}
    </RepeatDialog>
  );
}
