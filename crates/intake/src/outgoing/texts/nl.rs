//! Dutch. Every text must say the same as in the other languages, in plain words.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    arrived_subject: "Uw melding {receipt} is aangekomen",
    outcome_subject: "Het resultaat van uw melding {receipt}",
    arrived: "Bedankt. Uw bericht is aangekomen en wordt onderzocht.",
    number: "Het nummer van uw melding is {receipt}.",
    advice: "Open geen links in het verdachte bericht en antwoord er niet op. Hebt u kaart- of bankgegevens doorgegeven? Bel dan nu uw bank. Hebt u een wachtwoord ingevuld? Verander het.",
    to_come: "Wij schrijven u nog één keer, zodra wij het resultaat kennen. Tot dan bewaren wij uw e-mailadres, hoogstens {days} dagen. Daarna wordt het gewist.",
    follow: "U kunt uw melding hier volgen: {page}",
    blocked: "Waar uw bericht naartoe leidt, is geblokkeerd: {name}. Telecomoperatoren die onze lijst gebruiken, brengen hun klanten er niet meer naartoe.",
    after: "De blokkering kwam {after} na uw melding.",
    before: "De blokkering was er al vóór uw melding.",
    one_of: "U bent een van {count} mensen die dit meldden. Bedankt.",
    among_first: "U bent bij de eersten die dit meldden. Bedankt.",
    not_blockable: "Uw bericht is bedrog. Er staat niets in dat wij bij telecomoperatoren kunnen blokkeren. Verwijder het.",
    ended: "Uw bericht leidde naar een site die een tijd geblokkeerd was. De blokkering is voorbij. Vertrouw het bericht toch niet.",
    undecided: "Wij konden niet vaststellen of uw bericht bedrog is. Blijf voorzichtig.",
    spam: "Uw bericht is ongewenste reclame, geen bedrog. U mag het verwijderen.",
    benign: "Wij hebben uw bericht onderzocht en er geen bedrog in gevonden.",
    deleted: "Uw e-mailadres is nu uit uw melding gewist.",
    closing: "Een programma schreef dit bericht. Niemand leest antwoorden erop.",
    under_a_minute: "minder dan een minuut",
    minutes: ["minuut", "minuten"],
    hours: ["uur", "uur"],
    days: ["dag", "dagen"],
};
