import type { Content, Environment, MediaType, SocialAccount } from "presswork-client";
import { type Dispatch, type ReactNode, useEffect, useRef } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { platformName } from "../../platforms/platforms";
import type { Action, Draft } from "./draft";
import "./editor.css";
import { FilesField } from "./FilesField";
import { Findings } from "./Findings";
import type { Finding } from "./findings";
import { LinkField } from "./LinkField";
import { NetworkFields } from "./NetworkFields";
import { networksOf, type TabId, type Tab as TabState } from "./networks";
import { CommentField, TextsField } from "./TextsField";
import type { Files } from "./useFiles";
import type { TextContent } from "./useTextContent";
import type { Uploads } from "./useUploads";

interface EditorProps {
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
  const { draft, tabs, front, findings, nameOf, dispatch } = props;
  const [only] = networksOf(draft);
  // Without tabs, the only network's settings are below the text.
  const network = front !== "everyone" ? front : tabs.length === 0 ? only : undefined;
  const shared = { draft, findings, nameOf, dispatch };
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
        {network !== undefined && <NetworkFields {...props} platform={network} hasOwnTexts={false} />}
      </>
    ) : (
      <NetworkFields {...props} platform={front} hasOwnTexts>
        {media}
      </NetworkFields>
    );
  return (
    <section className="panel editor" aria-label="Post">
      {tabs.length === 0 ? <div className="editor-body">{body}</div> : <Tabbed {...props}>{body}</Tabbed>}
    </section>
  );
}

function Tabbed({
  tabs,
  front,
  onTab,
  children,
}: Pick<EditorProps, "tabs" | "front" | "onTab"> & { readonly children: ReactNode }) {
  // Where they are wider than the screen, the one in front is in sight.
  const row = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (front) row.current?.querySelector("[data-selected]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [front]);
  return (
    <Tabs className="editor-tabbed" selectedKey={front} onSelectionChange={(key) => onTab(key as TabId)}>
      <TabList ref={row} aria-label="Networks" className="editor-tabs" items={tabs} dependencies={[tabs]}>
        {({ id, differs, hasProblem }) => (
          <Tab id={id} className="editor-tab">
            {id === "everyone" ? "Everyone" : platformName(id)}
            {hasProblem ? (
              <span className="tab-problem" role="img" aria-label="has a problem">
                !
              </span>
            ) : differs ? (
              <span className="tab-dot" role="img" aria-label="differs" />
            ) : null}
          </Tab>
        )}
      </TabList>
      <TabPanel key={front} id={front} className="editor-body">
        {children}
      </TabPanel>
    </Tabs>
  );
}
