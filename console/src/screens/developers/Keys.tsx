import { getRouteApi } from "@tanstack/react-router";
import { KeyRound, Plus } from "lucide-react";
import type { ApiKey, KeyStatus } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { Badge, type Tone } from "../../ui/Badge";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { SecretDialog } from "../../ui/SecretDialog";
import { Time } from "../../ui/Time";
import { CreateKey } from "./CreateKey";
import { FirstCall } from "./FirstCall";
import { KeyActions } from "./KeyActions";
import "./developers.css";

const route = getRouteApi("/$environment/developers/keys");
const TONES: Readonly<Record<KeyStatus, Tone>> = { active: "good", killed: "bad", revoked: "neutral" };

/** The API keys of this environment. */
export default function Keys() {
  const { environment } = route.useParams();
  const list = usePages([environment, "keys"], () => clientOf(environment).apiKeys.list());
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const show = (dialog: "new" | undefined) => void navigate({ search: (before) => ({ ...before, open: dialog }) });
  const [secret, setSecret] = useState<string | null>(null);
  const create = (
    <Button kind="primary" onPress={() => show("new")}>
      <Plus aria-hidden /> New key
    </Button>
  );
  return (
    <>
      <div className="part-head">
        <p className="soft">A key belongs to the {environment} environment and sees only its projects.</p>
        {create}
      </div>
      <div className="panel">
        <DataTable
          label="API keys"
          list={list}
          idOf={(key) => key.id}
          columns={[
            { name: "Name", cell: (key) => <KeyName apiKey={key} /> },
            { name: "Scopes", cell: (key) => <span className="small">{key.scopes.join(", ")}</span> },
            { name: "Status", cell: (key) => <Badge tone={TONES[key.status]}>{key.status}</Badge> },
            { name: "Last used", cell: (key) => (key.lastUsedAt ? <Time at={key.lastUsedAt} isRelative /> : "never") },
            { name: "Actions", isAtEnd: true, cell: (key) => <KeyActions environment={environment} apiKey={key} /> },
          ]}
          empty={
            <EmptyState icon={KeyRound} title="No API keys">
              A program needs a key to publish through the API. Its secret is shown once.
            </EmptyState>
          }
        />
      </div>
      <FirstCall />
      {open === "new" && (
        <CreateKey environment={environment} onClose={() => show(undefined)} onCreated={(key) => setSecret(key)} />
      )}
      <SecretDialog title="The new key" what="the key" secret={secret} onClose={() => setSecret(null)} />
    </>
  );
}

function KeyName({ apiKey }: { readonly apiKey: ApiKey }) {
  return (
    <span className="two-lines">
      <strong>{apiKey.name || "Without a name"}</strong>
      <code className="soft">
        lp_{apiKey.environment}_{apiKey.lookup}_…
      </code>
    </span>
  );
}
