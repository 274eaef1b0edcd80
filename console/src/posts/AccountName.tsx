import { useQuery } from "@tanstack/react-query";
import type { Environment, PlatformName } from "presswork-client";
import { accountName } from "../platforms/platforms";
import { PlatformIcon } from "../ui/PlatformIcon";
import { Skeleton } from "../ui/Skeleton";
import { accountQuery } from "./queries";
import "./account-name.css";

interface AccountNameProps {
  readonly environment: Environment;
  readonly socialAccountId: string;
  readonly platform: PlatformName;
  /** The handle, where a list has it already; else the account is read. */
  readonly handle?: string | undefined;
}

/** The platform's sign and the handle of an account. */
export function AccountName({ environment, socialAccountId, platform, handle }: AccountNameProps) {
  const account = useQuery({ ...accountQuery(environment, socialAccountId), enabled: handle === undefined });
  const name = handle ?? account.data?.handle;
  return (
    <span className="account-name">
      <PlatformIcon platform={platform} />
      {account.isLoading ? (
        <Skeleton width="7em" />
      ) : (
        <span className="cut">{accountName(platform, name ?? "unknown")}</span>
      )}
    </span>
  );
}
