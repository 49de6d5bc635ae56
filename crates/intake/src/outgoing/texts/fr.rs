//! French. Every text must say the same as in the other languages, in plain words.

use super::Texts;

pub(super) const TEXTS: Texts = Texts {
    arrived_subject: "Votre signalement {receipt} est arrivé",
    outcome_subject: "Le résultat de votre signalement {receipt}",
    arrived: "Merci. Votre message est arrivé et sera examiné.",
    number: "Le numéro de votre signalement est {receipt}.",
    advice: "N’ouvrez pas les liens du message suspect et n’y répondez pas. Si vous avez donné des données de carte ou de banque, appelez votre banque maintenant. Si vous avez saisi un mot de passe, changez-le.",
    to_come: "Nous vous écrirons encore une fois, quand nous connaîtrons le résultat. Jusque-là, nous gardons votre adresse e-mail, {days} jours au plus. Ensuite, elle est effacée.",
    follow: "Vous pouvez suivre votre signalement ici\u{a0}: {page}",
    blocked: "Ce vers quoi votre message mène est bloqué\u{a0}: {name}. Les opérateurs télécoms qui utilisent notre liste n’y conduisent plus leurs clients.",
    after: "Le blocage est venu {after} après votre signalement.",
    before: "Le blocage existait déjà avant votre signalement.",
    one_of: "Vous êtes l’une des {count} personnes qui l’ont signalé. Merci.",
    among_first: "Vous êtes parmi les premières personnes qui l’ont signalé. Merci.",
    not_blockable: "Votre message est une fraude. Il ne contient rien que nous puissions bloquer chez les opérateurs télécoms. Supprimez-le.",
    ended: "Votre message menait à un site qui a été bloqué un temps. Le blocage est terminé. Ne vous fiez pas au message pour autant.",
    undecided: "Nous n’avons pas pu établir si votre message est une fraude. Restez prudent.",
    spam: "Votre message est de la publicité indésirable, pas une fraude. Vous pouvez le supprimer.",
    benign: "Nous avons examiné votre message et n’y avons trouvé aucune fraude.",
    deleted: "Votre adresse e-mail est maintenant effacée de votre signalement.",
    closing: "Un programme a écrit ce message. Personne ne lit les réponses.",
    under_a_minute: "moins d’une minute",
    minutes: ["minute", "minutes"],
    hours: ["heure", "heures"],
    days: ["jour", "jours"],
};
