// What the audit log says that somebody did, in words.

import { type Text, t } from "../i18n";
import { worded } from "../ui/marks";

const DEEDS: Record<string, Text> = {
  login: "Logged in",
  start: "Began a conversation",
  accept: "Took a conversation",
  close: "Closed a conversation",
  reopen: "Opened a conversation again",
  requeue: "Put a conversation back in the queue",
  transfer: "Handed a conversation on",
  set_labels: "Changed labels",
  snooze: "Snoozed a conversation",
  wake: "Woke a conversation",
  escalate: "Escalated a conversation",
  rate: "Answered the survey",
  auto_reply: "Asked for a person",
  set_availability: "Changed an agent's status",
  agent_connected: "Came online",
  agent_disconnected: "Went offline",
  configure_agent: "Changed an agent",
  create_ticket: "Made a ticket",
  update_ticket: "Changed a ticket",
  delete_ticket: "Deleted a ticket",
  merge_ticket: "Merged tickets",
  create_user: "Made an account",
  set_password: "Set a password",
  set_picture: "Set a picture",
  delete_picture: "Removed a picture",
  put_team: "Changed a team",
  delete_team: "Deleted a team",
  create_article: "Wrote an article",
  update_article: "Changed an article",
  delete_article: "Deleted an article",
  create_canned: "Wrote a canned message",
  update_canned: "Changed a canned message",
  delete_canned: "Deleted a canned message",
  create_webhook: "Made a webhook",
  update_webhook: "Changed a webhook",
  delete_webhook: "Deleted a webhook",
  test_webhook: "Tested a webhook",
  replay_delivery: "Sent a delivery again",
  update_settings: "Changed the settings",
  set_service_levels: "Changed service levels",
  update_widget: "Changed the widget",
  update_content_filter: "Changed the content filter",
  update_retention: "Changed how long data is kept",
  update_attributes: "Changed a customer's details",
  export_customer: "Exported a customer's data",
  erase_customer: "Erased a customer",
  renew_identity: "Renewed the identity key",
  delete_identity: "Deleted the identity key",
  put_identity_provider: "Changed the identity provider",
  delete_identity_provider: "Removed the identity provider",
  set_mail: "Changed e-mail",
  forgive_address: "Wrote to an address again",
  set_responder: "Changed automatic replies",
};

/** An action by its name in the log. */
export function deed(action: string): string {
  const words = Object.hasOwn(DEEDS, action) ? DEEDS[action] : undefined;
  return words ? t(words) : worded(action);
}
