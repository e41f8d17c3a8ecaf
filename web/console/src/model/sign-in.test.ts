import { expect, test } from "vitest";
import { answerIn, type Question, questionUrl, readQuestion } from "./sign-in";

const asked: Question = { tenant: "acme", state: "s-1", nonce: "n-1", stay: true };

function token(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
}

function answer(parts: Record<string, string>) {
  return answerIn(`#${new URLSearchParams(parts)}`, asked);
}

test("the question keeps what the provider's address had, and says where to come back to", () => {
  const begun = { issuer: "i", client_id: "c", scope: "openid", nonce: "n-1", expires_at: 1 };
  expect(questionUrl(begun, "s-1", "https://desk.example/console/")).toBeNull();
  expect(questionUrl({ ...begun, authorization_endpoint: "javascript:alert(1)" }, "s-1", "/")).toBeNull();
  const at = "https://id.example/login?realm=desk";
  const url = new URL(
    questionUrl({ ...begun, authorization_endpoint: at }, "s-1", "https://desk.example/") ?? "",
  );
  expect(Object.fromEntries(url.searchParams)).toEqual({
    realm: "desk",
    response_type: "id_token",
    response_mode: "fragment",
    client_id: "c",
    scope: "openid",
    nonce: "n-1",
    state: "s-1",
    redirect_uri: "https://desk.example/",
  });
});

test("only the answer to one's own question is taken", () => {
  const good = token({ nonce: "n-1", name: "Çağla" });
  expect(answer({ id_token: good, state: "s-1" })).toEqual({ kind: "token", token: good, question: asked });
  const nothing = { kind: "refused", reason: null };
  expect(answer({ id_token: good, state: "s-2" })).toEqual(nothing);
  expect(answer({ id_token: good })).toEqual(nothing);
  expect(answer({ id_token: token({ nonce: "n-2" }), state: "s-1" })).toEqual(nothing);
  expect(answer({ id_token: "nonsense", state: "s-1" })).toEqual(nothing);
  expect(answerIn(`#id_token=${good}&state=s-1`, null)).toEqual(nothing);
});

test("a refusal of the provider is told, and a place of the console is no answer", () => {
  const said = { error: "access_denied", error_description: "Not today", state: "s-1" };
  expect(answer(said)).toEqual({ kind: "refused", reason: "Not today" });
  expect(answer({ error: "access_denied", state: "s-1" })).toEqual({
    kind: "refused",
    reason: "access_denied",
  });
  expect(answerIn("#/inbox/all", asked)).toBeNull();
  expect(answerIn("", asked)).toBeNull();
});

test("what was kept of a question is read, and odd content is none", () => {
  expect(readQuestion(JSON.stringify(asked))).toEqual(asked);
  for (const odd of [null, "", "{", "null", "7", '{"tenant":"acme"}']) expect(readQuestion(odd)).toBeNull();
});
