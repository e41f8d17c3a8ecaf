// What settings, log-in and preferences of e-mail say, in German.

export const settings = {
  "A public client there, which may get ID tokens in the browser.":
    "Ein öffentlicher Client dort, der im Browser ID-Tokens bekommen darf.",
  "Access and data": "Zugang und Daten",
  "Account, conversations, tickets and files are deleted for good. All their conversations have to have ended.":
    "Konto, Unterhaltungen, Tickets und Dateien werden endgültig gelöscht. Alle Unterhaltungen müssen beendet sein.",
  "Add a word": "Wort hinzufügen",
  "Address of its keys": "Adresse seiner Schlüssel",
  "Addresses that took no e-mail": "Adressen, die keine E-Mail annahmen",
  "After seconds without a connection": "Nach Sekunden ohne Verbindung",
  "After the end of their conversation. Empty: for ever.":
    "Nach dem Ende ihrer Unterhaltung. Leer: für immer.",
  "After they were attached. Empty: for ever.": "Nachdem sie angehängt wurden. Leer: für immer.",
  "Also to addresses that only the browser claims": "Auch an Adressen, die nur der Browser behauptet",
  "An account is made when they first log in. Role and teams are yours to change afterwards.":
    "Ein Konto entsteht bei der ersten Anmeldung. Rolle und Teams ändern Sie danach selbst.",
  "An address whose server says that it isn't there is not written to again.":
    "An eine Adresse, die es laut ihrem Server nicht gibt, wird nicht mehr geschrieben.",
  "An admin makes them first.": "Ein Administrator legt sie vorher an.",
  "An answer that fits less than this is not given.": "Eine Antwort, die weniger passt, wird nicht gegeben.",
  "An endpoint of yours that speaks as OpenAI's does. It is sent what the customer writes.":
    "Ein eigener Endpunkt, der wie der von OpenAI spricht. Er bekommt, was der Kunde schreibt.",
  "Anybody can claim any address: strangers may get e-mail that they did not ask for.":
    "Jeder kann jede Adresse behaupten: Fremde könnten ungebetene E-Mail bekommen.",
  "Automatic replies": "Automatische Antworten",
  "Automatic replies saved": "Automatische Antworten gespeichert",
  "Claim with the login": "Claim mit der Anmeldung",
  "Claim with the name": "Claim mit dem Namen",
  "Claim with the roles": "Claim mit den Rollen",
  "Claim with the teams": "Claim mit den Teams",
  "Client id": "Client-ID",
  "Content filter": "Inhaltsfilter",
  "Content filter saved": "Inhaltsfilter gespeichert",
  "Conversations: {conversations}, files: {files}": "Unterhaltungen: {conversations}, Dateien: {files}",
  "Customers wait for a person.": "Kunden warten auf einen Menschen.",
  "Data and privacy": "Daten und Datenschutz",
  "Days that files are kept": "Tage, die Dateien bleiben",
  "Days that messages are kept": "Tage, die Nachrichten bleiben",
  "E-mail settings saved": "E-Mail-Einstellungen gespeichert",
  "E-mail while you are not connected": "E-Mail, während Sie nicht verbunden sind",
  "Earlier messages that go along": "Frühere Nachrichten, die mitgehen",
  "Empty: no teams are taken over.": "Leer: Es werden keine Teams übernommen.",
  Erase: "Löschen",
  "Erase what is kept of {name}": "Löschen, was von {name} aufbewahrt wird",
  "Erase {name}": "{name} löschen",
  "Everybody else": "Alle anderen",
  "Exactly as its tokens name it, such as https://id.example.org/realms/support.":
    "Genau wie ihn seine Tokens nennen, etwa https://id.example.org/realms/support.",
  Export: "Exportieren",
  "Export what is kept of {name}": "Exportieren, was von {name} aufbewahrt wird",
  "For ever": "Für immer",
  "For those who are not there. It needs a mail server, which whoever runs the hub configures.":
    "Für alle, die nicht da sind. Nötig ist ein Mailserver, den der Betreiber des Hubs einrichtet.",
  "For those who ask what you know of them, or want it gone.":
    "Für alle, die fragen, was Sie über sie wissen, oder es gelöscht haben wollen.",
  "From a language model": "Aus einem Sprachmodell",
  "From the library": "Aus der Bibliothek",
  "How conversations find agents, and what becomes of silent ones.":
    "Wie Unterhaltungen Agenten finden, und was aus stillen wird.",
  "How sure, in per cent": "Wie sicher, in Prozent",
  "Identity provider": "Identitätsanbieter",
  "Identity provider removed": "Identitätsanbieter entfernt",
  "Identity provider saved": "Identitätsanbieter gespeichert",
  "Is not let in": "Wird nicht eingelassen",
  Issuer: "Aussteller",
  "It has to let people return to this address:": "Er muss die Rückkehr zu dieser Adresse erlauben:",
  "It looks at what is sent from now on, within seconds, and never at private notes.":
    "Er prüft, was von nun an gesendet wird, binnen Sekunden, und nie private Notizen.",
  Key: "Schlüssel",
  "Leave it on, unless another program brings tokens to this hub.":
    "Lassen Sie es an, außer ein anderes Programm bringt diesem Hub Tokens.",
  "Load what is set now": "Laden, was jetzt eingestellt ist",
  "Loading automatic replies": "Automatische Antworten werden geladen",
  "Loading e-mail settings": "E-Mail-Einstellungen werden geladen",
  "Loading the content filter": "Inhaltsfilter wird geladen",
  "Loading the identity provider": "Identitätsanbieter wird geladen",
  "Loading the retention": "Aufbewahrung wird geladen",
  "Loading what e-mail you want": "Ihre E-Mail-Wünsche werden geladen",
  "Longest wait, in seconds": "Längste Wartezeit in Sekunden",
  "Look only at what customers write": "Nur prüfen, was Kunden schreiben",
  Mask: "Verdecken",
  Model: "Modell",
  "Name of the sender": "Name des Absenders",
  "No address has refused": "Keine Adresse hat abgelehnt",
  "Nobody can log in through it any more. Who is logged in stays so; who has no password needs one from you.":
    "Niemand kann sich mehr darüber anmelden. Wer angemeldet ist, bleibt es; wer kein Passwort hat, braucht eines von Ihnen.",
  "Nobody is called so": "Niemand heißt so",
  "Not erased": "Nicht gelöscht",
  "Nothing is filtered: there are no words and no patterns.":
    "Nichts wird gefiltert: Es gibt keine Wörter und keine Muster.",
  "Nothing was changed": "Nichts wurde geändert",
  "Nothing was exported": "Nichts wurde exportiert",
  "One a line, matched as whole words whatever their case.":
    "Eines je Zeile, als ganze Wörter, egal ob groß oder klein.",
  "One a line. Whoever writes one gets no more automatic replies.":
    "Eines je Zeile. Wer eines schreibt, bekommt keine automatischen Antworten mehr.",
  "One e-mail with all that they have not read; they can unsubscribe.":
    "Eine E-Mail mit allem, was sie nicht gelesen haben; sie können sich abmelden.",
  "One is set. It is never shown; write another to replace it.":
    "Einer ist gesetzt. Er wird nie gezeigt; schreiben Sie einen anderen, um ihn zu ersetzen.",
  "One regular expression a line, such as \\b\\d{16}\\b for sixteen digits.":
    "Ein regulärer Ausdruck je Zeile, etwa \\b\\d{16}\\b für sechzehn Ziffern.",
  "Only for providers without discovery.": "Nur für Anbieter, die ihn nicht selbst bekanntgeben.",
  "Only people who are there already": "Nur wer schon angelegt ist",
  "Only take log-ins that began here": "Nur Anmeldungen annehmen, die hier begannen",
  Patterns: "Muster",
  "Published articles, and canned messages that may answer by themselves.":
    "Veröffentlichte Artikel und Textbausteine, die selbst antworten dürfen.",
  Refuse: "Ablehnen",
  "Remove the key": "Schlüssel entfernen",
  "Remove the provider": "Anbieter entfernen",
  "Retention saved": "Aufbewahrung gespeichert",
  "Said when a customer asks for a person": "Gesagt, wenn ein Kunde einen Menschen verlangt",
  "Said when there is no sure answer": "Gesagt, wenn es keine sichere Antwort gibt",
  "Search customers by name": "Kunden nach Namen suchen",
  "Sent as a bearer token; leave it empty where none is needed.":
    "Wird als Bearer-Token gesendet; leer lassen, wo keiner nötig ist.",
  "Set up a provider": "Anbieter einrichten",
  "Set up a provider such as Keycloak, Entra ID, Okta or Google to have them log in there.":
    "Richten Sie einen Anbieter wie Keycloak, Entra ID, Okta oder Google ein, damit sie sich dort anmelden.",
  "Somebody else has changed this since you opened it. Nothing was overwritten.":
    "Jemand anderes hat das geändert, seit Sie es geöffnet haben. Nichts wurde überschrieben.",
  Staff: "Mitarbeiter",
  "Staff log in by password": "Mitarbeiter melden sich mit Passwort an",
  "Staff log in where they log in anyway (OpenID Connect). Passwords go on working.":
    "Mitarbeiter melden sich an, wo sie es ohnehin tun (OpenID Connect). Passwörter gelten weiter.",
  "Such as groups or realm_access.roles.": "Etwa groups oder realm_access.roles.",
  "That log-in did not begin here, or took too long. Please try again.":
    "Diese Anmeldung begann nicht hier oder dauerte zu lange. Bitte versuchen Sie es noch einmal.",
  "The automatic replies could not be loaded": "Die automatischen Antworten konnten nicht geladen werden",
  "The content filter could not be loaded": "Der Inhaltsfilter konnte nicht geladen werden",
  "The desk": "Der Arbeitsplatz",
  "The e-mail settings could not be loaded": "Die E-Mail-Einstellungen konnten nicht geladen werden",
  "The identity provider could not be loaded": "Der Identitätsanbieter konnte nicht geladen werden",
  "The identity provider does not say where to log in.":
    "Der Identitätsanbieter sagt nicht, wo man sich anmeldet.",
  "The identity provider refused: {reason}": "Der Identitätsanbieter hat abgelehnt: {reason}",
  "The language model": "Das Sprachmodell",
  "The message is not sent, and its writer is told why.":
    "Die Nachricht wird nicht gesendet, und wer sie schrieb, erfährt warum.",
  "The message is sent; what matches is replaced by asterisks.":
    "Die Nachricht wird gesendet; was passt, wird durch Sternchen ersetzt.",
  "The retention could not be loaded": "Die Aufbewahrung konnte nicht geladen werden",
  "Then the customer is told that a person will answer.":
    "Danach erfährt der Kunde, dass ein Mensch antworten wird.",
  "These hold on every device. An admin enters your address and switches e-mail on for the desk.":
    "Das gilt auf jedem Gerät. Ein Administrator trägt Ihre Adresse ein und schaltet E-Mail ein.",
  "They answer while no agent is there, and never after a customer asked for a person.":
    "Sie antworten, während kein Agent da ist, und nie, nachdem ein Kunde einen Menschen verlangt hat.",
  "This tenant has no identity provider: log in with a password.":
    "Dieser Mandant hat keinen Identitätsanbieter: Melden Sie sich mit Passwort an.",
  "Through your organisation": "Über Ihre Organisation",
  "Under which the replies appear.": "Unter dem die Antworten erscheinen.",
  "Usually name.": "Meist name.",
  "What becomes of a message that matches": "Was aus einer passenden Nachricht wird",
  "What customers see before a chat, and while the desk is closed.":
    "Was Kunden vor einem Chat sehen, und während geschlossen ist.",
  "What is kept of one customer": "Was von einem Kunden aufbewahrt wird",
  "What is older is deleted within a quarter of an hour, and can't be had back.":
    "Was älter ist, wird binnen einer Viertelstunde gelöscht und ist nicht wiederzubekommen.",
  "What is older than that is deleted soon after you save, and can't be had back.":
    "Was älter ist, wird bald nach dem Speichern gelöscht und ist nicht wiederzubekommen.",
  "What its server said": "Was ihr Server sagte",
  "What its tokens say": "Was seine Tokens sagen",
  "What the model is told of its job": "Was dem Modell zu seiner Aufgabe gesagt wird",
  "When a note names you": "Wenn eine Notiz Sie nennt",
  "When the desk is open, and how soon it wants to answer and to resolve.":
    "Wann geöffnet ist, und wie schnell geantwortet und gelöst werden soll.",
  "When they are mentioned, or given a conversation or ticket; each can switch it off.":
    "Wenn sie genannt werden oder eine Unterhaltung oder ein Ticket bekommen; jeder kann es abschalten.",
  "When to hand over to a person is added.": "Wann an einen Menschen zu übergeben ist, wird hinzugefügt.",
  "When you are given a conversation or ticket": "Wenn Sie eine Unterhaltung oder ein Ticket bekommen",
  "Who answers while no agent is there": "Wer antwortet, während kein Agent da ist",
  "Who gets in": "Wer eingelassen wird",
  "Whoever the provider gives a role": "Wem der Anbieter eine Rolle gibt",
  "Without /v1/chat/completions, which is added.": "Ohne /v1/chat/completions; das wird angehängt.",
  Word: "Wort",
  Words: "Wörter",
  "Words for roles": "Wörter für Rollen",
  "Words that ask for a person": "Wörter, die einen Menschen verlangen",
  "Write again": "Wieder schreiben",
  "Write to customers who left": "Kunden schreiben, die gegangen sind",
  "Write to staff who are not connected": "Mitarbeitern schreiben, die nicht verbunden sind",
  "Write again: {address}": "Wieder schreiben: {address}",
  "You have changed this elsewhere; here is what is set now.":
    "Sie haben das anderswo geändert; hier steht, was jetzt gilt.",
  or: "oder",
  "sub, preferred_username or email.": "sub, preferred_username oder email.",
  "{address} is written to again": "An {address} wird wieder geschrieben",
  "{name} is erased": "{name} ist gelöscht",
  "Choose a picture": "Bild wählen",
  "Customers and colleagues see it beside your name.": "Kunden und Kollegen sehen es neben Ihrem Namen.",
  "Take it away": "Entfernen",
  "This is no picture that can be read.": "Das ist kein lesbares Bild.",
  "Your picture": "Ihr Bild",
};
