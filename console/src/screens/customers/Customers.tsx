import { getRouteApi, Link } from "@tanstack/react-router";
import { Building2, Plus } from "lucide-react";
import type { CreatedOrganization, Limits } from "presswork-client";
import { useState } from "react";
import { clientOf } from "../../api/client";
import { usePages } from "../../api/usePages";
import { Screen } from "../../app/Screen";
import { Button } from "../../ui/Button";
import { DataTable } from "../../ui/DataTable";
import { EmptyState } from "../../ui/EmptyState";
import { Time } from "../../ui/Time";
import { amountOf, LIMIT_NAMES, LIMITED } from "../../usage/limits";
import { LinkDialog } from "../people/LinkDialog";
import { NewCustomerDialog } from "./NewCustomerDialog";

const route = getRouteApi("/$environment/customers");

/** The organizations of the installation: who they are, and what they may use. */
export default function Customers() {
  const { environment } = route.useParams();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const list = usePages(["organizations"], () => clientOf("test").organizations.list());
  const [made, setMade] = useState<CreatedOrganization | null>(null);
  const close = () => void navigate({ search: {} });
  return (
    <Screen
      title="Customers"
      actions={
        <Button kind="primary" onPress={() => void navigate({ search: { open: "new" } })}>
          <Plus aria-hidden /> New customer
        </Button>
      }
    >
      <div className="panel">
        <DataTable
          label="Customers"
          list={list}
          idOf={({ id }) => id}
          columns={[
            {
              name: "Name",
              cell: ({ id, name }) => (
                <Link
                  to="/$environment/customers/$organizationId"
                  params={{ environment, organizationId: id }}
                  className="strong-link"
                >
                  {name}
                </Link>
              ),
            },
            { name: "May use", cell: ({ limits }) => <span className="soft">{summaryOf(limits)}</span> },
            { name: "Since", isAtEnd: true, cell: ({ createdAt }) => <Time at={createdAt} isRelative /> },
          ]}
          empty={
            <EmptyState icon={Building2} title="No customers yet">
              Each customer has projects, accounts and people of their own.
            </EmptyState>
          }
        />
      </div>
      {open === "new" && <NewCustomerDialog onClose={close} onMade={setMade} />}
      {made?.admin && <LinkDialog {...made.admin} onClose={() => setMade(null)} />}
    </Screen>
  );
}

/** "500 posts a month, 10 GB of media", or that there are no limits. */
function summaryOf(limits: Limits): string {
  const set = LIMIT_NAMES.flatMap((name) => {
    const limit = limits[name];
    return limit === null ? [] : [`${amountOf(name, limit)} ${LIMITED[name]}`];
  });
  return set.length === 0 ? "No limits" : set.join(", ");
}
