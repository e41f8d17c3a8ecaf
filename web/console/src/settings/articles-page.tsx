// The knowledge base: articles that customers may read and automatic replies may use.

import { BookOpen, Plus } from "lucide-react";
import { useState } from "react";
import { useNow } from "../app/clock";
import type { Article, ArticleHit, ArticlePage, ArticleRequest } from "../hub/awaited";
import { leads, useDesk } from "../hub/desk";
import { usePages, useSettled } from "../hub/loaded";
import { ask } from "../hub/offers";
import { t } from "../i18n";
import { shortAgo } from "../model/time";
import { readLabels } from "../tickets/words";
import { Button } from "../ui/button";
import { FormDialog } from "../ui/dialog";
import { AreaField, CheckField, TextField } from "../ui/fields";
import { Marked } from "../ui/marked";
import { Pill } from "../ui/marks";
import { type Column, Page, Table } from "../ui/page";
import css from "../ui/page.module.css";
import { ListState } from "../ui/pages";
import { SearchField } from "../ui/search-field";
import { LibraryNav } from "./nav";
import { useSaving } from "./saving";

export function ArticlesPage() {
  const mayEdit = useDesk((state) => leads(state.me.role));
  const now = useNow();
  const [text, setText] = useState("");
  const [edited, setEdited] = useState<ArticleHit | "new" | null>(null);
  const q = useSettled(text.trim()) || undefined;
  const pages = usePages(q ?? "", (cursor) =>
    ask<ArticlePage>("GET /api/articles", { query: { q, cursor } }),
  );
  const columns: Column<ArticleHit>[] = [
    {
      key: "title",
      name: t("Article"),
      cell: (article) => (
        <div className={css.clip}>
          <button type="button" className={css.rowLink} onClick={() => setEdited(article)}>
            {article.title}
          </button>
          <div className={`${css.clip} ${css.muted}`}>
            <Marked text={article.excerpt} places={article.highlights} />
          </div>
        </div>
      ),
    },
    {
      key: "labels",
      name: t("Labels"),
      secondary: true,
      cell: ({ labels }) => <span className={css.muted}>{(labels ?? []).join(", ")}</span>,
    },
    {
      key: "published",
      name: t("State"),
      cell: ({ published }) =>
        published ? <Pill tone="ok">{t("Published")}</Pill> : <Pill>{t("Draft")}</Pill>,
    },
    {
      key: "updated",
      name: t("Changed"),
      number: true,
      secondary: true,
      cell: ({ updated_at }) => shortAgo(updated_at, now),
    },
  ];
  return (
    <Page
      title={t("Library")}
      flush
      nav={<LibraryNav />}
      actions={
        mayEdit ? (
          <Button look="primary" onClick={() => setEdited("new")}>
            <Plus size={16} aria-hidden="true" />
            {t("New article")}
          </Button>
        ) : null
      }
      bar={<SearchField label={t("Ask the knowledge base")} value={text} onChange={setText} />}
    >
      <ListState
        pages={pages}
        what={t("Articles")}
        icon={BookOpen}
        empty={q ? t("No article answers this") : t("No articles yet")}
        hint={t("Published articles answer customers while no agent is there.")}
      >
        <Table label={t("Articles")} columns={columns} rows={pages.items} rowKey={({ id }) => id} />
      </ListState>
      {edited ? (
        <Editor
          article={edited === "new" ? null : edited}
          mayEdit={mayEdit}
          onClose={() => setEdited(null)}
          onSaved={() => {
            setEdited(null);
            pages.reload();
          }}
        />
      ) : null}
    </Page>
  );
}

interface EditorProps {
  article: ArticleHit | null;
  mayEdit: boolean;
  onClose: () => void;
  onSaved: () => void;
}

function Editor({ article, mayEdit, onClose, onSaved }: EditorProps) {
  const [title, setTitle] = useState(article?.title ?? "");
  const [body, setBody] = useState(article?.body ?? "");
  const [answer, setAnswer] = useState(article?.answer ?? "");
  const [url, setUrl] = useState(article?.url ?? "");
  const [labels, setLabels] = useState((article?.labels ?? []).join(", "));
  const [published, setPublished] = useState(article?.published ?? false);
  const { busy, error, run } = useSaving<unknown>(onSaved);
  const save = () => {
    const content: ArticleRequest = {
      title: title.trim(),
      body,
      answer: answer.trim() || undefined,
      url: url.trim() || undefined,
      labels: readLabels(labels),
      published,
    };
    return run(
      () =>
        article
          ? ask<Article>("PUT /api/articles/{id}", {
              path: { id: article.id },
              body: content,
              ifMatch: `"${article.version}"`,
            })
          : ask<Article>("POST /api/articles", { body: content, idempotencyKey: crypto.randomUUID() }),
      t("Article saved"),
    );
  };
  const remove = (id: string) =>
    run(() => ask<void>("DELETE /api/articles/{id}", { path: { id } }), t("Article deleted"));
  return (
    <FormDialog
      open
      wide
      onClose={onClose}
      title={article ? article.title : t("New article")}
      action={t("Save")}
      busy={busy || !mayEdit}
      error={error}
      onSubmit={() => void save()}
    >
      <fieldset className={css.plainSet} disabled={!mayEdit}>
        <TextField
          label={t("Title")}
          hint={t("Best the question that it answers.")}
          required
          value={title}
          onChange={(event) => setTitle(event.target.value)}
        />
        <AreaField
          label={t("Text")}
          hint={t("Markdown.")}
          required
          rows={9}
          value={body}
          onChange={(event) => setBody(event.target.value)}
        />
        <AreaField
          label={t("Short answer")}
          hint={t("What automatic replies say; the beginning of the text when empty.")}
          rows={2}
          value={answer}
          onChange={(event) => setAnswer(event.target.value)}
        />
        <div className={css.formRow}>
          <TextField
            label={t("Address on the web")}
            type="url"
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
          <TextField
            label={t("Labels")}
            hint={t("Separated by commas.")}
            value={labels}
            onChange={(event) => setLabels(event.target.value)}
          />
        </div>
        <CheckField
          label={t("Published: customers may read it")}
          checked={published}
          onChange={(event) => setPublished(event.target.checked)}
        />
      </fieldset>
      {article && mayEdit ? (
        <div>
          <Button small look="danger" disabled={busy} onClick={() => void remove(article.id)}>
            {t("Delete")}
          </Button>
        </div>
      ) : null}
    </FormDialog>
  );
}
