import { Checkbox } from "../../ui/Checkbox";
import type { TikTokChoices } from "./draft";

interface TikTokDisclosureProps {
  readonly tiktok: TikTokChoices;
  readonly isVideo: boolean;
  readonly set: (part: Partial<TikTokChoices>) => void;
}

/** The disclosure of advertising, off by default, with the label that the post will have. */
export function TikTokDisclosure({ tiktok, isVideo, set }: TikTokDisclosureProps) {
  const what = isVideo ? "video" : "photo";
  const isPrivate = tiktok.privacyLevel === "SELF_ONLY";
  return (
    <fieldset className="allow">
      <legend>Advertising</legend>
      <Checkbox isSelected={tiktok.isDisclosed} onChange={(isDisclosed) => set({ isDisclosed })}>
        Disclose post content
      </Checkbox>
      {tiktok.isDisclosed && (
        <div className="disclosure">
          <Checkbox isSelected={tiktok.isBrandOrganic} onChange={(isBrandOrganic) => set({ isBrandOrganic })}>
            <span>
              Your brand
              <span className="soft small"> You promote yourself or your own business.</span>
            </span>
          </Checkbox>
          <Checkbox
            isDisabled={isPrivate}
            isSelected={tiktok.isBrandedContent && !isPrivate}
            onChange={(isBrandedContent) => set({ isBrandedContent })}
          >
            <span>
              Branded content
              <span className="soft small">
                {isPrivate
                  ? " Branded content visibility cannot be set to private."
                  : " You promote another brand or a third party."}
              </span>
            </span>
          </Checkbox>
          {(tiktok.isBrandOrganic || tiktok.isBrandedContent) && (
            <p className="small">
              Your {what} will be labeled as “{tiktok.isBrandedContent ? "Paid partnership" : "Promotional content"}”.
            </p>
          )}
        </div>
      )}
    </fieldset>
  );
}
