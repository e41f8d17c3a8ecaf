// Sends somebody to their tenant's identity provider, and takes what they come back with.

import { HubError } from "@confab/client";
import { t } from "../i18n";
import { answerIn, type Question, questionUrl, readQuestion } from "../model/sign-in";
import { reasonOf } from "./actions";
import { api, begin, sessions } from "./session";

const KEY = "confab.question";

/** Leaves for the provider; answers with why not, if it doesn't. */
export async function leaveForProvider(tenant: string, stay: boolean): Promise<string | null> {
  try {
    const begun = await api.request("POST /api/auth/oidc/begin", { body: { tenant }, token: null });
    const question: Question = { tenant, stay, nonce: begun.nonce, state: crypto.randomUUID() };
    const url = questionUrl(begun, question.state, location.origin + location.pathname);
    if (!url) return t("The identity provider does not say where to log in.");
    sessionStorage.setItem(KEY, JSON.stringify(question));
    location.assign(url);
    return null;
  } catch (error) {
    if (error instanceof HubError && (error.code === "forbidden" || error.code === "invalid"))
      return t("This tenant has no identity provider: log in with a password.");
    return reasonOf(error);
  }
}

/** Takes the answer in the address, if there is one, and takes it out of the address. */
export async function returnFromProvider(): Promise<void> {
  const answered = answerIn(location.hash, readQuestion(kept()));
  if (!answered) return;
  history.replaceState(null, "", location.pathname + location.search);
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // It is good for one answer anyway: its nonce runs out.
  }
  if (answered.kind === "refused") {
    const { reason } = answered;
    const notice = reason
      ? t("The identity provider refused: {reason}", { reason })
      : t("That log-in did not begin here, or took too long. Please try again.");
    sessions.setState({ notice });
    return;
  }
  const { token, question } = answered;
  sessions.setState({ entering: true });
  try {
    const body = { tenant: question.tenant, token };
    begin(await api.request("POST /api/auth/oidc", { body, token: null }), question.stay);
  } catch (error) {
    sessions.setState({ notice: reasonOf(error) });
  }
  sessions.setState({ entering: false });
}

function kept(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}
