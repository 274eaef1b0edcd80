import { Undo2 } from "lucide-react";
import type { Environment, MediaType, PlatformName, SocialAccount } from "presswork-client";
import type { Dispatch, ReactNode } from "react";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Checkbox } from "../../ui/Checkbox";
import { Fold } from "../../ui/Fold";
import { toast } from "../../ui/toasts";
import type { Action, Draft, TargetChange, TargetDraft } from "./draft";
import { Findings } from "./Findings";
import type { Finding, TargetPart } from "./findings";
import { NetworkSettings } from "./NetworkSettings";
import { NetworkText } from "./NetworkText";
import { differs, follows, leadOf } from "./networks";

interface NetworkFieldsProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly platform: PlatformName;
  /** All accounts of the project. */
  readonly accounts: readonly SocialAccount[];
  readonly mediaType: MediaType | null;
  readonly hasOwnTexts: boolean;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
  /** The files, which are the same for everyone. */
  readonly children?: ReactNode;
}

/** What one network gets: its text, its options, and a fold with the accounts that differ from it. */
export default function NetworkFields(props: NetworkFieldsProps) {
  const { draft, platform, accounts, hasOwnTexts, dispatch, children } = props;
  const lead = leadOf(draft, platform);
  if (lead === undefined) return null;
  const mine = draft.targets.filter((one) => one.platform === platform);
  const following = mine.filter((one) => follows(one, { platform }));
  const name = platformName(platform);
  const fields = {
    ...props,
    files: draft.files,
    target: lead,
    name,
    accounts: accounts.filter((one) => following.some((target) => target.socialAccountId === one.socialAccountId)),
    found: (part: TargetPart) => (
      <Findings
        findings={props.findings}
        field={following.map(({ socialAccountId }) => ({ socialAccountId, part }))}
        place={`${platform} ${part}`}
        nameOf={props.nameOf}
      />
    ),
    change: (change: TargetChange) => dispatch({ type: "network", platform, change }),
  };
  return (
    <section className="network" aria-label={`On ${name}`}>
      {hasOwnTexts && <NetworkText {...fields} />}
      {children}
      <NetworkSettings {...fields} />
      {mine.length > 1 && (
        <Fold
          title="Single accounts"
          aside={asideOf(mine.length - following.length)}
          isOpen={following.length < mine.length}
        >
          {mine.map((target) => (
            <ApartAccount key={target.socialAccountId} {...props} {...{ target }} isLast={following.length === 1} />
          ))}
        </Fold>
      )}
      {following.some(differs) && <SameAsEveryone {...{ following, platform, dispatch }} />}
    </section>
  );
}

function asideOf(apart: number): string {
  return apart === 0 ? "all the same" : apart === 1 ? "1 differs" : `${apart} differ`;
}

interface SameAsEveryoneProps extends Pick<NetworkFieldsProps, "platform" | "dispatch"> {
  readonly following: readonly TargetDraft[];
}

interface ApartAccountProps extends NetworkFieldsProps {
  readonly target: TargetDraft;
  /** Whether it is the last one that goes with its network. */
  readonly isLast: boolean;
}

/** One account of a network that has several: with the others, or with separate fields. */
function ApartAccount({ isLast, ...props }: ApartAccountProps) {
  const { draft, target, accounts, findings, nameOf, dispatch } = props;
  const { socialAccountId, isApart } = target;
  const name = nameOf(socialAccountId);
  const fields = {
    ...props,
    files: draft.files,
    name,
    accounts: accounts.filter((one) => one.socialAccountId === socialAccountId),
    found: (part: TargetPart) => (
      <Findings
        findings={findings}
        field={{ socialAccountId, part }}
        place={`${socialAccountId} ${part}`}
        nameOf={nameOf}
      />
    ),
    change: (change: TargetChange) => dispatch({ type: "target", socialAccountId, change }),
  };
  return (
    <div className="apart">
      <Checkbox
        isSelected={isApart}
        isDisabled={isLast && !isApart}
        onChange={(next) => dispatch({ type: "apart", socialAccountId, isApart: next })}
      >
        Something else for {name}
      </Checkbox>
      {isApart && (
        <section className="network apart-fields" aria-label={`For ${name}`}>
          <NetworkText {...fields} />
          <NetworkSettings {...fields} hasOwnTexts />
        </section>
      )}
    </div>
  );
}

/** Takes back what makes a network differ. */
function SameAsEveryone({ following, platform, dispatch }: SameAsEveryoneProps) {
  const name = platformName(platform);
  const undo = () => {
    for (const one of following) dispatch({ type: "target", socialAccountId: one.socialAccountId, change: one });
  };
  return (
    <Button
      kind="quiet"
      onPress={() => {
        dispatch({ type: "as everyone", platform });
        toast(`${name} is the same as everyone again.`, { label: "Undo", run: undo });
      }}
    >
      <Undo2 aria-hidden /> Same as everyone
    </Button>
  );
}
