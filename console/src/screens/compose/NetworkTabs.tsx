import { type ReactNode, useEffect, useRef } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { platformName } from "../../platforms/platforms";
import type { EditorProps } from "./Editor";
import "./editor.css";
import type { TabId } from "./networks";

interface NetworkTabsProps extends Pick<EditorProps, "tabs" | "front" | "onTab"> {
  readonly children: ReactNode;
}

/** A tab for everyone, and one for each network. */
export default function NetworkTabs({ tabs, front, onTab, children }: NetworkTabsProps) {
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
