const DOCS = "https://github.com/presswork/presswork/blob/main/docs/";
const NAMED = /(docs\/[a-z0-9-]+\.md)/;

/** A text whose documents are links: "docs/connecting-accounts.md" is shown as "connecting accounts". */
export function WithDocs({ text }: { readonly text: string }) {
  return text.split(NAMED).map((part, place) => {
    if (place % 2 === 0) return part;
    const name = part.slice("docs/".length, -".md".length);
    return (
      <a key={name} href={`${DOCS}${name}.md`} target="_blank" rel="noreferrer">
        {name.replaceAll("-", " ")}
      </a>
    );
  });
}
