import { environmentRoute } from "../../app/environmentRoute";
import { Screen } from "../../app/Screen";
import { Badge } from "../../ui/Badge";
import { AgentList } from "./AgentList";
import { ChangePassword } from "./ChangePassword";
import { NoticePreferences } from "./NoticePreferences";
import { PushMessages } from "./PushMessages";
import { Security } from "./Security";
import { Sessions } from "./Sessions";
import "./you.css";

/** The signed-in person's account: who they are here, of what they are notified, their password, their sessions and the programs that act for them. */
export default function You() {
  const { session } = environmentRoute.useRouteContext();
  const { user } = session;
  return (
    <Screen title="Your account">
      <div className="you">
        <section className="panel you-part" aria-labelledby="you-who">
          <h2 id="you-who">{user.name ?? user.email}</h2>
          <p className="soft">{user.email}</p>
          <p>
            <Badge tone="accent">{user.role}</Badge>
          </p>
        </section>
        <section className="panel you-part" aria-labelledby="notices">
          <h2 id="notices">Notifications</h2>
          <p className="soft">Choose what reaches you here, behind the bell, by e-mail, and on your devices.</p>
          <NoticePreferences />
        </section>
        <PushMessages />
        <ChangePassword />
        <Security />
        <Sessions />
        <section className="panel you-part" aria-labelledby="you-agents">
          <h2 id="you-agents">Connected agents</h2>
          <AgentList userId={user.id} />
        </section>
      </div>
    </Screen>
  );
}
