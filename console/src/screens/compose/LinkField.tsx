import type { Content } from "presswork-client";
import type { Dispatch } from "react";
import { CardFields } from "../../content/CardFields";
import { LinkCard } from "../../content/LinkCard";
import type { LinkTexts } from "../../content/links";
import { WarningTexts } from "../../content/WarningTexts";
import { Button } from "../../ui/Button";
import { Fold } from "../../ui/Fold";
import { TextField } from "../../ui/TextField";
import { isLinkChanged } from "./call";
import type { Action, Draft } from "./draft";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import type { TextContent } from "./useTextContent";

interface LinkFieldProps {
  readonly draft: Draft;
  readonly content: Content | undefined;
  readonly texts: TextContent;
  /** Whether reviewers would see what is saved. */
  readonly isReviewed: boolean;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
}

/** The link of a post without files, and its card once it is saved. */
export function LinkField({ draft, content, texts, isReviewed, findings, nameOf, dispatch }: LinkFieldProps) {
  const { link, files } = draft;
  if (!draft.isOwn) {
    return files.length === 0 && content?.link ? <SavedCard content={content} /> : null;
  }
  const hasFiles = files.length > 0;
  if (hasFiles && link.url === "") return null; // beside files, a link is in the text
  const isChanged = isLinkChanged(draft);
  const change = (part: Partial<LinkTexts>) => dispatch({ type: "link", change: part });
  return (
    <div className="link-field">
      <TextField
        label="Link"
        type="url"
        inputMode="url"
        placeholder="https://"
        value={link.url}
        onChange={(url) => change({ url })}
        error={hasFiles ? "A link's card goes only without files. Remove the link, or the files." : undefined}
        description={link.url === "" ? "Its page is shown as a card, where there are no files." : undefined}
      />
      <Findings findings={findings} field="link" nameOf={nameOf} />
      {link.url.trim() !== "" && !hasFiles && (
        <>
          {!isChanged && content?.link && <SavedCard content={content} />}
          <Fold
            title="Own card"
            aside="else what the page says"
            isOpen={link.title !== "" || link.description !== "" || link.imageUrl !== ""}
          >
            <CardFields link={link} onChange={change} />
          </Fold>
          {isReviewed ? (
            isChanged && <p className="soft small">Its page is read once you send it for review.</p>
          ) : (
            <Button
              isPending={texts.isPending}
              onPress={() => {
                texts.save().catch(() => undefined); // its findings say why
              }}
            >
              {draft.savedLink === null ? "Show the card" : isChanged ? "Update the card" : "Read the page again"}
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function SavedCard({ content }: { readonly content: Content }) {
  return (
    <>
      {content.link !== null && <LinkCard link={content.link} />}
      <WarningTexts content={content} />
    </>
  );
}
