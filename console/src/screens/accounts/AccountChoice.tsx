import { useQuery } from "@tanstack/react-query";
import type { Environment, SocialAccount } from "presswork-client";
import { clientOf } from "../../api/client";
import { accountName, platformName } from "../../platforms/platforms";
import { CheckboxList } from "../../ui/CheckboxList";

interface AccountChoiceProps {
  readonly environment: Environment;
  readonly projectId: string;
  readonly layerId: string | null;
  readonly value: readonly string[];
  readonly onChange: (ids: readonly string[]) => void;
}

/** The accounts of the project that this layer may have: those of no other layer. */
export function AccountChoice({ environment, projectId, layerId, value, onChange }: AccountChoiceProps) {
  const accounts = useQuery({
    queryKey: [environment, "accounts", "of-project", projectId],
    queryFn: async () => {
      const found: SocialAccount[] = [];
      const { socialAccounts } = clientOf(environment);
      for await (const account of socialAccounts.list({ projectId, limit: 100 })) found.push(account);
      return found;
    },
  });
  const choices = (accounts.data ?? []).filter(({ layerId: own, status }) =>
    own === null ? status === "connected" : own === layerId,
  );
  if (accounts.isSuccess && choices.length === 0)
    return <p className="soft">The project has no connected account that is in no other layer.</p>;
  return (
    <CheckboxList
      label="Accounts"
      choices={choices.map((account) => ({
        value: account.socialAccountId,
        label: `${accountName(account.platform, account.handle)} (${platformName(account.platform)})`,
      }))}
      value={value}
      onChange={onChange}
    />
  );
}
