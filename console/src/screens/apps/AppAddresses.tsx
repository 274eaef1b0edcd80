import type { Environment, PlatformApp } from "presswork-client";
import { Addresses } from "../system/Addresses";

/** What to paste into the network's form. */
export function AppAddresses({ environment, app }: { readonly environment: Environment; readonly app: PlatformApp }) {
  const { redirectUri, webhookUrl, webhookVerifyToken, deauthorizeUrl, dataDeletionUrl } = app;
  const addresses = [
    { name: "Redirect URI", value: redirectUri, where: "exactly like this" },
    { name: "Webhook URL", value: webhookUrl, where: "with it, changes and comments arrive at once" },
    { name: "Verify token", value: webhookVerifyToken, where: "beside the webhook URL" },
    { name: "Deauthorize callback URL", value: deauthorizeUrl, where: "called when a person removes the app" },
    {
      name: "Data deletion request URL",
      value: dataDeletionUrl,
      where: "called when a person wants their data deleted",
    },
  ];
  return (
    <>
      {environment === "test" && (
        <p className="soft">In Test, the sandbox plays the network: you do not have to register anything.</p>
      )}
      <Addresses addresses={addresses.filter(({ value }) => value !== null)} />
    </>
  );
}
