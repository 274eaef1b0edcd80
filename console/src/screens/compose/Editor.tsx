import type { Content, Environment, MediaType, SocialAccount } from "presswork-client";
import { type Dispatch, lazy, Suspense } from "react";
import type { Action, Draft } from "./draft";
import "./editor.css";
import { FilesField } from "./FilesField";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import { LabelsFold } from "./LabelsFold";
import { LinkField } from "./LinkField";
import { networksOf, type TabId, type Tab as TabState } from "./networks";
import { CommentField, TextsField } from "./TextsField";
import type { Files } from "./useFiles";
import type { TextContent } from "./useTextContent";
import type { Uploads } from "./useUploads";

const NetworkFields = lazy(() => import("./NetworkFields"));
const NetworkTabs = lazy(() => import("./NetworkTabs"));

export interface EditorProps {
  readonly environment: Environment;
  readonly draft: Draft;
  readonly content: Content | undefined;
  readonly accounts: readonly SocialAccount[];
  readonly mediaType: MediaType | null;
  readonly files: Files;
  readonly uploads: Uploads;
  readonly texts: TextContent;
  /** Whether reviewers would see what is saved. */
  readonly isReviewed: boolean;
  readonly findings: readonly Finding[];
  readonly nameOf: (socialAccountId: string) => string;
  readonly dispatch: Dispatch<Action>;
  readonly tabs: readonly TabState[];
  readonly front: TabId;
  readonly onTab: (tab: TabId) => void;
  /** Leaves content that exists, and starts with other files. */
  readonly onReplace: () => void;
}

/** The post: as everyone gets it, and a tab for each network that may get something else. */
export function Editor(props: EditorProps) {
  const { environment, draft, tabs, front, findings, nameOf, dispatch } = props;
  const [only] = networksOf(draft);
  // Without tabs, the only network's settings are below the text.
  const network = front !== "everyone" ? front : tabs.length === 0 ? only : undefined;
  const shared = { environment, draft, findings, nameOf, dispatch };
  const media = (
    <div>
      <FilesField {...props} />
      <Findings findings={findings} field="files" nameOf={nameOf} />
    </div>
  );
  const body =
    front === "everyone" ? (
      <>
        <TextsField {...shared} />
        {media}
        <LinkField {...props} />
        <CommentField {...shared} />
        <LabelsFold {...{ environment, draft, dispatch }} />
        {network !== undefined && (
          <Suspense>
            <NetworkFields {...props} platform={network} hasOwnTexts={false} />
          </Suspense>
        )}
      </>
    ) : (
      <Suspense>
        <NetworkFields {...props} platform={front} hasOwnTexts>
          {media}
        </NetworkFields>
      </Suspense>
    );
  return (
    <section className="panel editor" aria-label="Post">
      {tabs.length === 0 ? (
        <div className="editor-body">{body}</div>
      ) : (
        <Suspense fallback={<div className="editor-body">{body}</div>}>
          <NetworkTabs {...props}>{body}</NetworkTabs>
        </Suspense>
      )}
    </section>
  );
}
