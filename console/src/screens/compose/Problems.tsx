import { ArrowRight, ChevronDown, CircleAlert } from "lucide-react";
import { platformName } from "../../platforms/platforms";
import { Button } from "../../ui/Button";
import { Menu, MenuItem } from "../../ui/Menu";
import type { Draft } from "./draft";
import type { Finding } from "./findings";
import { sentenceOf } from "./jump";
import { networksOf } from "./networks";

interface ProblemsProps {
  readonly draft: Draft;
  readonly errors: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  /** Shows the field in which it is fixed. */
  readonly onJump: (finding: Finding) => void;
}

/** What speaks against sending it: one problem with its name, or a list; each leads to its field. */
export function Problems({ draft, errors, nameOf, onJump }: ProblemsProps) {
  const [first] = errors;
  if (first === undefined) return null;
  const sentence = (finding: Finding) => sentenceOf(finding, (id) => nameAs(draft, id, nameOf));
  if (errors.length === 1) {
    return (
      <Button kind="quiet" onPress={() => onJump(first)}>
        <CircleAlert aria-hidden />
        <span className="cut">1 problem: {sentence(first)}</span>
        <ArrowRight aria-hidden />
      </Button>
    );
  }
  return (
    <Menu
      label="Problems"
      trigger={
        <Button kind="quiet">
          <CircleAlert aria-hidden /> {errors.length} problems <ChevronDown aria-hidden />
        </Button>
      }
    >
      {errors.map((finding, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two problems may have the same sentence
        <MenuItem key={place} textValue={sentence(finding)} onAction={() => onJump(finding)}>
          <span>{sentence(finding)}</span>
        </MenuItem>
      ))}
    </Menu>
  );
}

/** Returns the name of an account's network, where it has no other account among the chosen ones. */
function nameAs(draft: Draft, socialAccountId: string, nameOf: (id: string) => string): string {
  const target = draft.targets.find((one) => one.socialAccountId === socialAccountId);
  const isAlone = target !== undefined && draft.targets.filter((one) => one.platform === target.platform).length === 1;
  return isAlone && networksOf(draft).length > 1 ? platformName(target.platform) : nameOf(socialAccountId);
}
