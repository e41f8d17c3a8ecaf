// Where one logs in.

import { KeyRound } from "lucide-react";
import { useRef, useState } from "react";
import { logIn } from "../hub/session";
import { leaveForProvider } from "../hub/sign-in";
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

function keepTenant(tenant: string): void {
  try {
    localStorage.setItem(TENANT_KEY, tenant);
  } catch {
    // It is typed again next time.
  }
}

interface LoginProps {
  /** Why one is not logged in any more. */
  notice: string | null;
  /** One has come back from the identity provider, and is being let in. */
  entering: boolean;
}

export function LoginPage({ notice, entering }: LoginProps) {
  const [tenant, setTenant] = useState(lastTenant);
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [stay, setStay] = useState(true);
  const [asking, setAsking] = useState(false);
  const tenantField = useRef<HTMLInputElement>(null);
  const busy = asking || entering;
  const [error, setError] = useState<string | null>(null);
  const attempt = async (work: () => Promise<string | null>) => {
    setAsking(true);
    setError(null);
    const refused = await work();
    setAsking(false);
    if (refused) setError(refused);
    else keepTenant(tenant.trim());
  };
  const submit = () => attempt(() => logIn({ tenant: tenant.trim(), login: login.trim(), password }, stay));
  const leave = () => {
    if (tenantField.current?.reportValidity()) void attempt(() => leaveForProvider(tenant.trim(), stay));
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
          ref={tenantField}
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
        <span className={css.or}>{t("or")}</span>
        <Button disabled={busy} onClick={leave}>
          <KeyRound size={16} aria-hidden="true" />
          {t("Through your organisation")}
        </Button>
      </form>
    </main>
  );
}
