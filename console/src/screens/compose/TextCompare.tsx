import { TextSides } from "../../content/TextChange";

interface TextCompareProps {
  readonly mine: string;
  readonly theirs: string;
  /** Whose the other text is. */
  readonly name: string;
}

/** Two versions of a text beside each other, with what differs. */
export default function TextCompare({ mine, theirs, name }: TextCompareProps) {
  return <TextSides before={mine} after={theirs} names={["Yours", `Of ${name}`]} />;
}
