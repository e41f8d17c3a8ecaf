// The bodies of people, teams, settings, webhooks and files.

export type {
  AccountEdit,
  AccountPage,
  AccountView,
  AssignmentPolicy,
  Attachment,
  AttachmentLinks,
  AttachmentView,
  AttachResponse,
  ContentFilterBody,
  DeliveryPage,
  DeliveryStatus,
  DeliveryView,
  EventKind,
  FilterAction,
  NewAccount,
  NewWebhook,
  SettingsBody,
  TeamView,
  WebhookEdit,
  WebhookView,
} from "@confab/protocol";
