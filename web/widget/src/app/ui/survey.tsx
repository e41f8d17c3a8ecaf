// How the customer was served, in one to five and in their words.
import { HubError } from "@confab/client";
import { useState } from "preact/hooks";
import type { Context } from "./window";

/** Mouths of faces, from sad to glad; drawn, because not every system has all of them as characters. */
const MOUTHS = [
  "M8 16.8q4-4.4 8 0",
  "M8.5 16.2q3.5-2.2 7 0",
  "M8.5 15.5h7",
  "M8.5 14.6q3.5 2.4 7 0",
  "M8 14q4 5.2 8 0",
];
const MAX_COMMENT = 2000;

export function Survey({ session, snapshot, texts }: Context) {
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState("");
  const [busy, setBusy] = useState(false);

  if (snapshot.rated === undefined) return null;
  if (snapshot.rated) {
    return (
      <p class="thanks" role="status">
        {texts.survey.thanks}
      </p>
    );
  }
  const submit = async () => {
    setBusy(true);
    setProblem("");
    try {
      await session.rate(score, comment.trim());
    } catch (error) {
      setProblem(error instanceof HubError ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="survey"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <fieldset>
        <legend>{texts.survey.question}</legend>
        <div class="faces">
          {MOUTHS.map((mouth, index) => (
            <label key={mouth}>
              <input
                type="radio"
                name="score"
                value={index + 1}
                checked={score === index + 1}
                onChange={() => setScore(index + 1)}
              />
              <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d={`M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9 9.5h.01M15 9.5h.01${mouth}`} />
              </svg>
              <span class="sr">{texts.survey.scores[index]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {score > 0 ? (
        <>
          <textarea
            rows={2}
            dir="auto"
            maxLength={MAX_COMMENT}
            value={comment}
            aria-label={texts.survey.comment}
            placeholder={texts.survey.comment}
            onInput={(event) => setComment(event.currentTarget.value)}
          />
          {problem ? (
            <p class="problem" role="alert">
              {texts.refused} {problem}
            </p>
          ) : null}
          <button type="submit" class="primary" disabled={busy}>
            {texts.survey.send}
          </button>
        </>
      ) : null}
    </form>
  );
}
