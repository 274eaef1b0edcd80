import { getRouteApi } from "@tanstack/react-router";
import { CopyButton } from "../../ui/CopyButton";
import { TabLink, TabLinks } from "../../ui/TabLinks";
import { firstCalls, LANGUAGES, languageOf } from "./firstCalls";

const route = getRouteApi("/$environment/developers/keys");

/** The shortest program that shows that a key works. Its language is in the address. */
export function FirstCall() {
  const { environment } = route.useParams();
  const language = languageOf(route.useSearch().language) ?? "curl";
  const code = firstCalls(location.origin)[language];
  return (
    <section className="panel first-call" aria-labelledby="first-call">
      <header>
        <h2 id="first-call">First call</h2>
        <p className="soft small">
          Put a key in place of <code>lp_…</code>, and run it. It answers who the key is. Every call is in the{" "}
          <a href="/docs" target="_blank" rel="noreferrer">
            API reference
          </a>
          .
        </p>
      </header>
      <TabLinks label="Language">
        {LANGUAGES.map(({ id, label }) => (
          <TabLink
            key={id}
            to="/$environment/developers/keys"
            params={{ environment }}
            search={{ language: id }}
            activeOptions={{ exact: true, includeSearch: true }}
            resetScroll={false}
          >
            {label}
          </TabLink>
        ))}
      </TabLinks>
      <div className="code">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it */}
        <pre className="delivery-body" tabIndex={0}>
          {code}
        </pre>
        <CopyButton text={code} what="the program" />
      </div>
    </section>
  );
}
