import type { IAuthenticateGeneric, ICredentialTestRequest, ICredentialType, INodeProperties } from "n8n-workflow";

/** The address of a Presswork server and an API key; the test reads who the key belongs to. */
export class PressworkApi implements ICredentialType {
  name = "pressworkApi";

  displayName = "Presswork API";

  icon = { light: "file:../icons/presswork.svg", dark: "file:../icons/presswork.dark.svg" } as const;

  documentationUrl = "https://github.com/presswork/presswork/blob/main/docs/n8n.md";

  properties: INodeProperties[] = [
    {
      displayName: "Server Address",
      name: "baseUrl",
      type: "string",
      default: "",
      placeholder: "https://presswork.example.com",
      required: true,
      description: "Where n8n reaches Presswork, without a path",
    },
    {
      displayName: "API Key",
      name: "apiKey",
      type: "string",
      typeOptions: { password: true },
      default: "",
      placeholder: "lp_test_…",
      required: true,
      description: "A key of Presswork. A test key publishes to the sandbox, a live key to the real platforms.",
    },
  ];

  authenticate: IAuthenticateGeneric = {
    type: "generic",
    properties: { headers: { Authorization: "=Bearer {{$credentials.apiKey}}" } },
  };

  test: ICredentialTestRequest = {
    request: { baseURL: '={{$credentials.baseUrl.replace(/\\/+$/, "")}}', url: "/v1/whoami" },
  };
}
