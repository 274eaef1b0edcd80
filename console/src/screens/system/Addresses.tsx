import { CopyLine } from "./CopyLine";

interface Address {
  /** What the platform's form calls it. */
  readonly name: string;
  /** null: the public URL is not set. */
  readonly value: string | null;
  /** Where the form is. */
  readonly where: string;
}

/** What to paste where. */
export function Addresses({ addresses }: { readonly addresses: readonly Address[] }) {
  return (
    <dl className="addresses">
      {addresses.map(({ name, value, where }) => (
        <div key={name}>
          <dt>
            <strong>{name}</strong> <span className="soft small">{where}</span>
          </dt>
          <dd>
            {value === null ? (
              <span className="soft">shown when the public URL is set</span>
            ) : (
              <CopyLine text={value} what={name} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
