export const LANGUAGES = [
  { id: "curl", label: "curl" },
  { id: "python", label: "Python" },
  { id: "typescript", label: "TypeScript" },
] as const;

export type Language = (typeof LANGUAGES)[number]["id"];

/** Returns the language with this id; undefined for any other value. */
export function languageOf(value: unknown): Language | undefined {
  return LANGUAGES.find(({ id }) => id === value)?.id;
}

/** Returns the first call of a program in each language. `url` is the server's address. */
export function firstCalls(url: string): Readonly<Record<Language, string>> {
  return {
    curl: `curl ${url}/v1/whoami -H "Authorization: Bearer lp_…"`,
    python: `# the client: pip install ./sdk/python, in a clone of Presswork
from presswork_client import Presswork

with Presswork(api_key="lp_…", base_url="${url}") as client:
    print(client.service.whoami())`,
    typescript: `// the client: npm install ./sdk/typescript, in a clone of Presswork
import { Presswork } from "presswork-client";

const client = new Presswork({ apiKey: "lp_…", baseUrl: "${url}" });
console.log(await client.service.whoami());`,
  };
}
