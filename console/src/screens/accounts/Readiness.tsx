import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Check, Minus, TriangleAlert } from "lucide-react";
import type { Environment, Mode, SocialAccount } from "presswork-client";
import { Badge } from "../../ui/Badge";
import { Notice } from "../../ui/Notice";
import { layerQuery, providerOf } from "./layers";
import { causeOf, causeOfAll, deliveryOf, MODES, modesOf } from "./readiness";

interface ReadinessProps {
  readonly environment: Environment;
  readonly account: SocialAccount;
  readonly scopes: readonly string[];
  /** Whether the viewer administers the installation, and so can set up its platforms. */
  readonly isAdmin: boolean;
}

/**
 * For each mode: how it delivers, whether a post would be accepted, and otherwise why not and what to do. The sandbox has a
 * provider for managed distribution; a live account that is in no layer has none.
 */
export function Readiness({ environment, account, scopes, isAdmin }: ReadinessProps) {
  const ofAll = causeOfAll(account);
  return (
    <ul>
      {ofAll !== null && (
        <li className="mode">
          <Notice
            tone={ofAll.tone === "bad" ? "bad" : "info"}
            actions={scopes.includes("social:write") && <ConnectAgain environment={environment} account={account} />}
          >
            {ofAll.sentence}
          </Notice>
        </li>
      )}
      {(environment === "test" ? MODES : modesOf(account)).map(({ id, label }) => (
        <li key={id} className="mode">
          <ModeHead account={account} mode={id} label={label} />
          <p className="soft">
            {deliveryOf(account.platform, id)}
            {id === "managed" && <Provider environment={environment} account={account} />}
          </p>
          {ofAll === null && <Advice {...{ environment, account, scopes, isAdmin }} mode={id} />}
        </li>
      ))}
    </ul>
  );
}

function ModeHead({ account, mode, label }: Pick<ReadinessProps, "account"> & { mode: Mode; label: string }) {
  const cause = causeOf(account.readiness[mode]);
  const icon =
    cause === null ? (
      <Check aria-hidden />
    ) : cause.tone === "neutral" ? (
      <Minus aria-hidden />
    ) : (
      <TriangleAlert aria-hidden />
    );
  return (
    <div className="mode-head">
      <h3>{label}</h3>
      <Badge tone={cause?.tone ?? "good"} icon={icon}>
        {cause === null ? "Ready" : `Not ready: ${cause.short}`}
      </Badge>
    </div>
  );
}

function Advice({ environment, account, mode, scopes, isAdmin }: ReadinessProps & { readonly mode: Mode }) {
  const readiness = account.readiness[mode];
  const cause = causeOf(readiness);
  if (cause === null) return null;
  return (
    <div className="mode-advice">
      <p>
        {cause.sentence}
        {readiness.missingScopes.length > 0 && (
          <>
            {" "}
            Missing: <code>{readiness.missingScopes.join(", ")}</code>
          </>
        )}
      </p>
      {cause.fix === "login" && scopes.includes("social:write") && (
        <ConnectAgain environment={environment} account={account} />
      )}
      {cause.fix === "layer" && scopes.includes("projects:write") && (
        <Link
          className="button plain"
          to="/$environment/accounts/layers"
          params={{ environment }}
          search={{ project: account.projectId, layer: account.layerId ?? undefined }}
        >
          {account.layerId === null ? "Layers of the project" : "Open the layer"}
        </Link>
      )}
      {cause.fix === "settings" && isAdmin && (
        <Link
          className="button plain"
          to="/$environment/system/platforms/$platform"
          params={{ environment, platform: account.login }}
        >
          Set up the platform
        </Link>
      )}
    </div>
  );
}

function ConnectAgain({ environment, account }: Pick<ReadinessProps, "environment" | "account">) {
  return (
    <Link
      className="button plain"
      to="/$environment/accounts/$accountId"
      params={{ environment, accountId: account.socialAccountId }}
      search={{ open: "again" }}
    >
      Connect again
    </Link>
  );
}

/** The provider that the account's layer names. */
function Provider({ environment, account }: Pick<ReadinessProps, "environment" | "account">) {
  const { projectId, layerId } = account;
  const layer = useQuery({ ...layerQuery(environment, projectId, layerId ?? ""), enabled: layerId !== null });
  const provider = layer.data && providerOf(layer.data);
  return provider ? ` The layer's provider is “${provider}”.` : null;
}
