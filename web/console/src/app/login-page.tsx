// Where one logs in.

import { useState } from "react";
import { logIn } from "../hub/session";
import { t } from "../i18n";
import { Button } from "../ui/button";
import { CheckField, TextField } from "../ui/fields";
import icon from "./icon.svg";
import css from "./shell.module.css";

const TENANT_KEY = "confab.tenant";

function lastTenant(): string {
  try {
    return new URLSearchParams(location.search).get("tenant") ?? localStorage.getItem(TENANT_KEY) ?? "";
  } catch {
    return "";
  }
}

export function LoginPage({ notice }: { notice: string | null }) {
  const [tenant, setTenant] = useState(lastTenant);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [stay, setStay] = useState(true);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const submit = async () => {
    setBusy(true);
    setError(null);
    const refused = await logIn({ tenant: tenant.trim(), login: login.trim(), password }, stay);
    setBusy(false);
    if (refused) return setError(refused);
    try {
      localStorage.setItem(TENANT_KEY, tenant.trim());
    } catch {
      // It is typed again next time.
    }
  };
  return (
    <main className={css.login}>
      <form
        className={css.loginCard}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className={css.loginHead}>
          <img src={icon} width={44} height={44} alt="" />
          <div>
            <h1>Confab</h1>
            <p>{t("Log in to the desk")}</p>
          </div>
        </div>
        {(error ?? notice) ? (
          <p className={css.loginError} role="alert">
            {error ?? notice}
          </p>
        ) : null}
        <TextField
          label={t("Tenant")}
          required
          autoComplete="organization"
          autoCapitalize="none"
          value={tenant}
          onChange={(event) => setTenant(event.target.value)}
          autoFocus={tenant === ""}
        />
        <TextField
          label={t("Login")}
          required
          autoComplete="username"
          autoCapitalize="none"
          value={login}
          onChange={(event) => setLogin(event.target.value)}
          autoFocus={tenant !== ""}
        />
        <TextField
          label={t("Password")}
          type="password"
          required
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <CheckField
          label={t("Stay logged in on this device")}
          checked={stay}
          onChange={(event) => setStay(event.target.checked)}
        />
        <Button type="submit" look="primary" disabled={busy}>
          {busy ? t("Logging in …") : t("Log in")}
        </Button>
      </form>
    </main>
  );
}
