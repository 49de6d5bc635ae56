//! German. Every text must say the same as in the other languages, in plain words.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    arrived_subject: "Ihre Meldung {receipt} ist angekommen",
    outcome_subject: "Das Ergebnis Ihrer Meldung {receipt}",
    arrived: "Danke. Ihre Nachricht ist angekommen und wird geprüft.",
    number: "Die Nummer Ihrer Meldung ist {receipt}.",
    advice: "Öffnen Sie keine Links in der verdächtigen Nachricht und antworten Sie nicht darauf. Wenn Sie Karten- oder Bankdaten weitergegeben haben, rufen Sie jetzt Ihre Bank an. Wenn Sie ein Passwort eingegeben haben, ändern Sie es.",
    to_come: "Wir schreiben Ihnen noch einmal, sobald wir das Ergebnis kennen. Bis dahin bewahren wir Ihre E-Mail-Adresse auf, höchstens {days} Tage. Danach wird sie gelöscht.",
    follow: "Hier können Sie Ihre Meldung verfolgen: {page}",
    blocked: "Wohin Ihre Nachricht führt, ist gesperrt: {name}. Telekomanbieter, die unsere Liste verwenden, führen ihre Kunden nicht mehr dorthin.",
    after: "Die Sperre kam {after} nach Ihrer Meldung.",
    before: "Die Sperre bestand schon vor Ihrer Meldung.",
    one_of: "Sie sind eine von {count} Personen, die das gemeldet haben. Danke.",
    among_first: "Sie gehören zu den ersten Personen, die das gemeldet haben. Danke.",
    not_blockable: "Ihre Nachricht ist ein Betrug. Sie enthält nichts, was wir bei Telekomanbietern sperren können. Löschen Sie sie.",
    ended: "Ihre Nachricht führte zu einer Seite, die eine Zeit lang gesperrt war. Die Sperre ist beendet. Vertrauen Sie der Nachricht trotzdem nicht.",
    undecided: "Wir konnten nicht feststellen, ob Ihre Nachricht ein Betrug ist. Bleiben Sie vorsichtig.",
    spam: "Ihre Nachricht ist unerwünschte Werbung, kein Betrug. Sie können sie löschen.",
    benign: "Wir haben Ihre Nachricht geprüft und keinen Betrug darin gefunden.",
    deleted: "Ihre E-Mail-Adresse ist jetzt aus Ihrer Meldung gelöscht.",
    closing: "Ein Programm hat diese Nachricht geschrieben. Niemand liest Antworten darauf.",
    under_a_minute: "weniger als eine Minute",
    minutes: ["Minute", "Minuten"],
    hours: ["Stunde", "Stunden"],
    days: ["Tag", "Tage"],
};
