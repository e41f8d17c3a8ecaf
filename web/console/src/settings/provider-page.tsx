// The identity provider through which staff may log in.

import { KeyRound, Plus, X } from "lucide-react";
import { useState } from "react";
import type { IdentityProvider, Provisioning } from "../hub/awaited";
import type { Role } from "../hub/types";
import { t } from "../i18n";
import { Button, IconButton } from "../ui/button";
import { CheckField, ChoiceField, CompactSelect, SelectField, TextField } from "../ui/fields";
import { worded } from "../ui/marks";
import css from "../ui/page.module.css";
import ui from "../ui/ui.module.css";
import { SettingPage } from "./setting-page";

type Change = (part: Partial<IdentityProvider>) => void;

const ROLES = ["agent", "supervisor", "admin"] as const satisfies readonly Role[];

const ACCOUNTS: { value: Provisioning; label: string; hint: string }[] = [
  { value: "known", label: t("Only people who are there already"), hint: t("An admin makes them first.") },
  {
    value: "create",
    label: t("Whoever the provider gives a role"),
    hint: t("An account is made when they first log in. Role and teams are yours to change afterwards."),
  },
];

const FIRST: IdentityProvider = {
  issuer: "",
  client_id: "",
  user_claim: "sub",
  name_claim: "name",
  roles: {},
  provisioning: "known",
  require_nonce: true,
};

export function ProviderPage() {
  return (
    <SettingPage<IdentityProvider>
      path="/api/admin/identity-provider"
      title={t("Identity provider")}
      about={t("Staff log in where they log in anyway (OpenID Connect). Passwords go on working.")}
      loading={t("Loading the identity provider")}
      failed={t("The identity provider could not be loaded")}
      saved={t("Identity provider saved")}
      beginnings={{ "a word in roles ": "roles", "roles ": "roles" }}
      ready={ready}
      optional={{
        icon: KeyRound,
        none: t("Staff log in by password"),
        hint: t("Set up a provider such as Keycloak, Entra ID, Okta or Google to have them log in there."),
        begin: t("Set up a provider"),
        first: FIRST,
        remove: t("Remove the provider"),
        question: t(
          "Nobody can log in through it any more. Who is logged in stays so; who has no password needs one from you.",
        ),
        removed: t("Identity provider removed"),
      }}
      fields={(wanted, change) => <Fields wanted={wanted} change={change} />}
    />
  );
}

/** Empty texts are left out. */
function ready(wanted: IdentityProvider): IdentityProvider {
  const text = (value: string | null | undefined) => value?.trim() || null;
  const { user_claim, name_claim, ...rest } = wanted;
  return {
    ...rest,
    issuer: wanted.issuer.trim(),
    client_id: wanted.client_id.trim(),
    jwks_url: text(wanted.jwks_url),
    role_claim: text(wanted.role_claim),
    team_claim: text(wanted.team_claim),
    ...(text(user_claim) ? { user_claim: text(user_claim) ?? "" } : {}),
    ...(text(name_claim) ? { name_claim: text(name_claim) ?? "" } : {}),
  };
}

function Fields({ wanted, change }: { wanted: IdentityProvider; change: Change }) {
  const claim = (
    name: "user_claim" | "name_claim" | "role_claim" | "team_claim",
    label: string,
    hint: string,
  ) => (
    <TextField
      label={label}
      hint={hint}
      name={name}
      autoComplete="off"
      dir="ltr"
      value={wanted[name] ?? ""}
      onChange={(event) => change({ [name]: event.target.value })}
    />
  );
  return (
    <>
      <TextField
        label={t("Issuer")}
        hint={t("Exactly as its tokens name it, such as https://id.example.org/realms/support.")}
        name="issuer"
        type="url"
        dir="ltr"
        required
        value={wanted.issuer}
        onChange={(event) => change({ issuer: event.target.value })}
      />
      <div className={css.formRow}>
        <TextField
          label={t("Client id")}
          hint={t("A public client there, which may get ID tokens in the browser.")}
          name="client_id"
          autoComplete="off"
          dir="ltr"
          required
          value={wanted.client_id}
          onChange={(event) => change({ client_id: event.target.value })}
        />
        <TextField
          label={t("Address of its keys")}
          hint={t("Only for providers without discovery.")}
          name="jwks_url"
          type="url"
          dir="ltr"
          value={wanted.jwks_url ?? ""}
          onChange={(event) => change({ jwks_url: event.target.value })}
        />
      </div>
      <div className={ui.field}>
        <span className={ui.hint}>{t("It has to let people return to this address:")}</span>
        <code className={css.code} dir="ltr">
          {`${location.origin}${location.pathname}`}
        </code>
      </div>
      <ChoiceField
        label={t("Who gets in")}
        name="provisioning"
        value={wanted.provisioning ?? "known"}
        choices={ACCOUNTS}
        onChange={(provisioning) => change({ provisioning })}
      />
      <fieldset className={css.group}>
        <legend>{t("What its tokens say")}</legend>
        <div className={css.formRow}>
          {claim("user_claim", t("Claim with the login"), t("sub, preferred_username or email."))}
          {claim("name_claim", t("Claim with the name"), t("Usually name."))}
        </div>
        {wanted.provisioning === "create" ? (
          <>
            <div className={css.formRow}>
              {claim("role_claim", t("Claim with the roles"), t("Such as groups or realm_access.roles."))}
              {claim("team_claim", t("Claim with the teams"), t("Empty: no teams are taken over."))}
            </div>
            <Roles roles={wanted.roles ?? {}} onRoles={(roles) => change({ roles })} />
            <SelectField
              label={t("Everybody else")}
              name="default_role"
              value={wanted.default_role ?? ""}
              onChange={(event) => change({ default_role: (event.target.value || null) as Role | null })}
            >
              <option value="">{t("Is not let in")}</option>
              {ROLES.map((role) => (
                <option key={role} value={role}>
                  {worded(role)}
                </option>
              ))}
            </SelectField>
          </>
        ) : null}
      </fieldset>
      <CheckField
        label={t("Only take log-ins that began here")}
        hint={t("Leave it on, unless another program brings tokens to this hub.")}
        checked={wanted.require_nonce ?? true}
        onChange={(event) => change({ require_nonce: event.target.checked })}
      />
    </>
  );
}

interface RolesProps {
  roles: Record<string, Role>;
  onRoles: (roles: Record<string, Role>) => void;
}

/** Words of the claim, and the roles that they stand for. Lines keep their order while they are written. */
function Roles({ roles, onRoles }: RolesProps) {
  const [entries, setEntries] = useState<[string, Role][]>(() => Object.entries(roles));
  const put = (next: [string, Role][]) => {
    setEntries(next);
    onRoles(Object.fromEntries(next.filter(([word]) => word.trim() !== "")));
  };
  const change = (at: number, entry: [string, Role]) =>
    put(entries.map((each, index) => (index === at ? entry : each)));
  return (
    <div className={ui.field}>
      <span className={ui.label}>{t("Words for roles")}</span>
      {entries.map(([word, role], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <div key={at} className={css.pair}>
          <input
            aria-label={t("Word")}
            name="roles"
            dir="ltr"
            autoComplete="off"
            className={`${ui.input} ${ui.compact}`}
            value={word}
            onChange={(event) => change(at, [event.target.value, role])}
          />
          <CompactSelect
            label={t("Role")}
            value={role}
            onChange={(event) => change(at, [word, event.target.value as Role])}
          >
            {ROLES.map((each) => (
              <option key={each} value={each}>
                {worded(each)}
              </option>
            ))}
          </CompactSelect>
          <IconButton
            small
            label={t("Remove this line")}
            onClick={() => put(entries.filter((_, index) => index !== at))}
          >
            <X size={14} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      <div>
        <Button small onClick={() => setEntries([...entries, ["", "agent"]])}>
          <Plus size={14} aria-hidden="true" />
          {t("Add a word")}
        </Button>
      </div>
    </div>
  );
}
