import { Fold } from "../../ui/Fold";

const PROVIDERS: readonly { readonly name: string; readonly steps: readonly string[] }[] = [
  {
    name: "Okta",
    steps: [
      "Applications → Browse App Catalog: add “SCIM 2.0 Test App (OAuth Bearer Token)”.",
      "Provisioning → Configure API Integration: enter the base URL and the token.",
      "Provisioning → To App: turn on Create Users, Update User Attributes and Deactivate Users.",
      "Assignments: choose the people. Push Groups: push the groups that give roles.",
    ],
  },
  {
    name: "Microsoft Entra ID",
    steps: [
      "Enterprise applications → New application → Create your own application.",
      "Provisioning → Automatic: the base URL is the Tenant URL, the token is the Secret Token.",
      "Test Connection, save, and choose people and groups under Users and groups.",
      "Start provisioning. Entra writes changes about every 40 minutes.",
    ],
  },
  {
    name: "Authentik",
    steps: [
      "Applications → Providers → Create → SCIM Provider: enter the base URL and the token.",
      "Add the provider to your application as a backchannel provider.",
      "Choose a mapping whose userName is the e-mail address, if people are here already.",
    ],
  },
];

/** What to do at the usual identity providers. */
export function ProviderSteps() {
  return (
    <section className="provisioning-steps" aria-label="What to enter at the provider">
      {PROVIDERS.map(({ name, steps }) => (
        <Fold key={name} title={`Set it up in ${name}`}>
          <ol>
            {steps.map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Fold>
      ))}
    </section>
  );
}
