import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { Preference } from "presswork-client";
import { clientOf } from "../../api/client";
import { messageOf } from "../../api/errors";
import { NOTICES } from "../../notices/events";
import { preferencesQuery } from "../../notices/queries";
import { Checkbox } from "../../ui/Checkbox";
import { Loaded } from "../../ui/Loaded";
import { SkeletonRows } from "../../ui/Skeleton";
import { toastError } from "../../ui/toasts";

const WAYS = [
  { id: "inApp", label: "Here" },
  { id: "email", label: "E-mail" },
  { id: "push", label: "Push" },
] as const;

/** Of which events the person is notified, and how. A change is saved at once. */
export function NoticePreferences() {
  const queries = useQueryClient();
  const query = useQuery(preferencesQuery);
  const { queryKey } = preferencesQuery;
  const save = useMutation({
    mutationFn: (items: readonly Preference[]) => clientOf("test").notifications.setPreferences({ items }),
    scope: { id: "notification-preferences" },
    onMutate: (items) => queries.setQueryData(queryKey, [...items]),
    onError: (error) => {
      toastError(messageOf(error));
      void queries.invalidateQueries({ queryKey });
    },
  });
  const change = (changed: Preference) =>
    save.mutate((query.data ?? []).map((one) => (one.event === changed.event ? changed : one)));
  return (
    <Loaded query={query} skeleton={<SkeletonRows rows={6} height="32px" />}>
      {(items) => (
        <table className="notice-choices">
          <thead>
            <tr>
              <th scope="col">When</th>
              {WAYS.map(({ id, label }) => (
                <th key={id} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={item.event}>
                <th scope="row">{NOTICES[item.event].label}</th>
                {WAYS.map(({ id, label }) => (
                  <td key={id}>
                    <Checkbox
                      aria-label={`${NOTICES[item.event].label}: ${label}`}
                      isSelected={item[id]}
                      onChange={(isSelected) => change({ ...item, [id]: isSelected })}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Loaded>
  );
}
