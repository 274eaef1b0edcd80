import { useQuery } from "@tanstack/react-query";
import type { Environment, PlatformName } from "presswork-client";
import { PlatformIcon } from "../ui/PlatformIcon";
import { Skeleton } from "../ui/Skeleton";
import { accountQuery } from "./queries";
import "./account-name.css";

interface AccountNameProps {
  readonly environment: Environment;
  readonly socialAccountId: string;
  readonly platform: PlatformName;
}

/** The platform's sign and the handle of an account. */
export function AccountName({ environment, socialAccountId, platform }: AccountNameProps) {
  const account = useQuery(accountQuery(environment, socialAccountId));
  return (
    <span className="account-name">
      <PlatformIcon platform={platform} />
      {account.isPending ? <Skeleton width="7em" /> : <span className="cut">@{account.data?.handle ?? "unknown"}</span>}
    </span>
  );
}
