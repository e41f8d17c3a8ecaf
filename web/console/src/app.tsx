// The console: the log-in, or everything behind it.

import { useEffect } from "react";
import { LoginPage } from "./app/login-page";
import { Shell } from "./app/shell";
import { useDesk } from "./hub/desk";
import { connect } from "./hub/live";
import { followOtherTabs, useSession } from "./hub/session";

export function App() {
  const { session, notice, entering } = useSession();
  const who = session ? `${session.user.tenant}/${session.user.id}` : null;
  const ready = useDesk((state) => state.me.id === session?.user.id);
  useEffect(followOtherTabs, []);
  useEffect(() => (who ? connect() : undefined), [who]);
  if (!session) return <LoginPage notice={notice} entering={entering} />;
  return ready ? <Shell key={who} /> : null;
}
