import type { ContentSearchParams, Environment, FoundContent, FoundContentPage, Pages } from "presswork-client";
import { clientOf } from "../api/client";

export type ContentFilter = ContentSearchParams;

/** Lists the content of all projects. */
export function searchContent(environment: Environment, filter: ContentFilter): Pages<FoundContent, FoundContentPage> {
  return clientOf(environment).content.search(filter);
}
