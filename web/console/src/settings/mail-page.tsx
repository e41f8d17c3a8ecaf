// E-mail that the tenant sends: to customers who left, to staff who are not there; and the addresses that took none.

import { MailCheck } from "lucide-react";
import { reasonOf } from "../hub/actions";
import type { MailBody, RefusedAddress, RefusedAddresses } from "../hub/awaited";
import { useDesk } from "../hub/desk";
import { usePages } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { exactTime } from "../model/time";
import { Button } from "../ui/button";
import { CheckField, SwitchField, TextField } from "../ui/fields";
import { type Column, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { toast } from "../ui/toasts";
import { SettingPage } from "./setting-page";

type Change = (part: Partial<MailBody>) => void;

/** What is proposed when e-mail to customers is switched on. */
const USUAL_SECONDS = 300;

export function MailPage() {
  return (
    <SettingPage<MailBody>
      path="/api/admin/mail"
      title={t("E-mail")}
      about={t("For those who are not there. It needs a mail server, which whoever runs the hub configures.")}
      loading={t("Loading e-mail settings")}
      failed={t("The e-mail settings could not be loaded")}
      saved={t("E-mail settings saved")}
      fields={(wanted, change) => <Fields wanted={wanted} change={change} />}
      after={<Refused />}
    />
  );
}

function Fields({ wanted, change }: { wanted: MailBody; change: Change }) {
  const seconds = wanted.customers_after_seconds ?? null;
  return (
    <>
      <TextField
        label={t("Name of the sender")}
        name="from_name"
        autoComplete="off"
        required
        maxLength={80}
        value={wanted.from_name ?? ""}
        onChange={(event) => change({ from_name: event.target.value })}
      />
      <fieldset className={css.group}>
        <legend>{t("Customers")}</legend>
        <SwitchField
          label={t("Write to customers who left")}
          hint={t("One e-mail with all that they have not read; they can unsubscribe.")}
          checked={seconds !== null}
          onChange={(on) => change({ customers_after_seconds: on ? USUAL_SECONDS : null })}
        />
        {seconds === null ? null : (
          <>
            <TextField
              label={t("After seconds without a connection")}
              name="customers_after_seconds"
              type="number"
              min={1}
              max={86_400}
              required
              value={String(seconds)}
              onChange={(event) => change({ customers_after_seconds: Number(event.target.value) })}
            />
            <CheckField
              label={t("Also to addresses that only the browser claims")}
              hint={t("Anybody can claim any address: strangers may get e-mail that they did not ask for.")}
              checked={wanted.claimed_addresses ?? false}
              onChange={(event) => change({ claimed_addresses: event.target.checked })}
            />
          </>
        )}
      </fieldset>
      <fieldset className={css.group}>
        <legend>{t("Staff")}</legend>
        <SwitchField
          label={t("Write to staff who are not connected")}
          hint={t("When they are mentioned, or given a conversation or ticket; each can switch it off.")}
          checked={wanted.staff ?? false}
          onChange={(staff) => change({ staff })}
        />
      </fieldset>
    </>
  );
}

function Refused() {
  const mayEdit = useDesk((state) => state.me.role === "admin");
  const pages = usePages("refused", () => ask<RefusedAddresses>("GET /api/admin/mail/refused"));
  const forgive = async (address: string) => {
    try {
      await ask<void>("DELETE /api/admin/mail/refused/{address}", { path: { address } });
      pages.change((items) => items.filter((each) => each.address !== address));
      toast(t("{address} is written to again", { address }), { tone: "good" });
    } catch (error) {
      toast(t("Nothing was changed"), { text: reasonOf(error), tone: "bad" });
    }
  };
  const columns: Column<RefusedAddress>[] = [
    {
      key: "address",
      name: t("Address"),
      cell: ({ address }) => (
        <bdi className={css.clip} title={address}>
          {address}
        </bdi>
      ),
    },
    {
      key: "reason",
      name: t("What its server said"),
      secondary: true,
      cell: ({ reason }) => (
        <div className={`${css.clip} ${css.muted}`} title={reason}>
          {reason}
        </div>
      ),
    },
    {
      key: "at",
      name: t("When"),
      secondary: true,
      cell: ({ at }) => <span className={css.nowrap}>{exactTime(at)}</span>,
    },
  ];
  if (mayEdit) {
    columns.push({
      key: "forgive",
      name: t("Action"),
      number: true,
      cell: ({ address }) => (
        <Button
          small
          aria-label={t("Write again: {address}", { address })}
          onClick={() => void forgive(address)}
        >
          {t("Write again")}
        </Button>
      ),
    });
  }
  return (
    <section className={css.later} aria-labelledby="refused">
      <h2 id="refused">{t("Addresses that took no e-mail")}</h2>
      <ListState
        pages={pages}
        what={t("Addresses that took no e-mail")}
        icon={MailCheck}
        empty={t("No address has refused")}
        hint={t("An address whose server says that it isn't there is not written to again.")}
      >
        <Table
          label={t("Addresses that took no e-mail")}
          columns={columns}
          rows={pages.items}
          rowKey={({ address }) => address}
        />
      </ListState>
    </section>
  );
}
