import {
  type IExecuteFunctions,
  type INodeExecutionData,
  type INodeType,
  type INodeTypeDescription,
  type JsonObject,
  NodeApiError,
  NodeConnectionTypes,
  NodeOperationError,
} from "n8n-workflow";
import { getAccounts, searchAccounts, searchComments, searchContent, searchPosts, searchProjects } from "./lists";
import { OPERATIONS } from "./operations";
import { ACCOUNT } from "./resources/account";
import { COMMENT } from "./resources/comment";
import { CONTENTS } from "./resources/content";
import { POST } from "./resources/post";
import { PROJECTS } from "./resources/project";

/** Uploads content, publishes it to accounts and follows the posts. */
export class Presswork implements INodeType {
  description: INodeTypeDescription = {
    displayName: "Presswork",
    name: "presswork",
    icon: { light: "file:../../icons/presswork.svg", dark: "file:../../icons/presswork.dark.svg" },
    group: ["output"],
    version: 1,
    subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
    description: "Publish texts, links, pictures and videos to many social accounts",
    defaults: { name: "Presswork" },
    inputs: [NodeConnectionTypes.Main],
    outputs: [NodeConnectionTypes.Main],
    usableAsTool: true,
    credentials: [{ name: "pressworkApi", required: true }],
    properties: [
      {
        displayName: "Resource",
        name: "resource",
        type: "options",
        noDataExpression: true,
        default: "post",
        options: [
          { name: "Account", value: "account" },
          { name: "Comment", value: "comment" },
          { name: "Content", value: "content" },
          { name: "Post", value: "post" },
          { name: "Project", value: "project" },
        ],
      },
      ...ACCOUNT,
      ...COMMENT,
      ...CONTENTS,
      ...POST,
      ...PROJECTS,
    ],
  };

  methods = {
    listSearch: { searchAccounts, searchComments, searchContent, searchPosts, searchProjects },
    loadOptions: { getAccounts },
  };

  async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
    const results: INodeExecutionData[] = [];
    for (const itemIndex of this.getInputData().keys()) {
      const pairedItem = { item: itemIndex };
      try {
        const name = `${this.getNodeParameter("resource", itemIndex)}.${this.getNodeParameter("operation", itemIndex)}`;
        const operation = OPERATIONS[name];
        if (operation === undefined) {
          throw new NodeOperationError(this.getNode(), `This version of the node has no operation ${name}`, { itemIndex });
        }
        for (const json of await operation(this, itemIndex)) results.push({ json, pairedItem });
      } catch (error) {
        if (this.continueOnFail()) {
          const { message, description } = error as NodeApiError;
          results.push({ json: { error: message, description }, pairedItem });
          continue;
        }
        // Both classes return an error of their kind as it is.
        if (error instanceof NodeApiError) throw new NodeApiError(this.getNode(), error as unknown as JsonObject);
        throw new NodeOperationError(this.getNode(), error as Error, { itemIndex });
      }
    }
    return [results];
  }
}
