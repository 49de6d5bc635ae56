//! What those read who keep watch over the service: second approvals, rules and the brake,
//! lists, operators.

use crate::texts::texts;

texts! { Duty:
approvals_how {
    "De bewaker vraagt voor deze namen twee personen. Keur alleen goed wat u zelf hebt nagekeken: u beslist over precies wat hier staat."
    "Le garde demande deux personnes pour ces noms. N’approuvez que ce que vous avez vérifié vous-même : vous décidez exactement de ce qui est écrit ici."
    "Für diese Namen verlangt der Wächter zwei Personen. Geben Sie nur frei, was Sie selbst geprüft haben: Sie entscheiden über genau das, was hier steht."
    "For these names the guard asks two people. Approve only what you have checked yourself: you decide on exactly what is written here."
}
approvals_none { "Niets wacht op een tweede persoon." "Rien n’attend une deuxième personne." "Nichts wartet auf eine zweite Person." "Nothing waits for a second person." }
fresh { "Uw aanmelding is vers: u kunt beslissen." "Votre connexion est récente : vous pouvez décider." "Ihre Anmeldung ist frisch: Sie können entscheiden." "Your sign-in is fresh: you can decide." }
stale {
    "Om te beslissen raakt u uw passkey opnieuw aan; dat geldt vijf minuten."
    "Pour décider, touchez de nouveau votre clé d’accès ; cela vaut cinq minutes."
    "Um zu entscheiden, berühren Sie Ihren Passkey noch einmal; das gilt fünf Minuten."
    "To decide, touch your passkey again; that holds for five minutes."
}
sign_in_again { "Opnieuw aanmelden" "Se reconnecter" "Neu anmelden" "Sign in again" }
not_approver { "Uw rol keurt niet goed." "Votre rôle n’approuve pas." "Ihre Rolle gibt nicht frei." "Your role does not approve." }
own_proposal {
    "U stelde dit zelf voor: een ander moet beslissen."
    "Vous l’avez proposé vous-même : une autre personne doit décider."
    "Sie haben es selbst vorgeschlagen: Jemand anderes muss entscheiden."
    "You proposed it yourself: another person must decide."
}
no_person_first {
    "Wie eerst was, is geen aangemelde persoon. Open de zaak en oordeel zelf; dan kan een ander goedkeuren."
    "La première n’est pas une personne connectée. Ouvrez le dossier et jugez vous-même ; une autre pourra alors approuver."
    "Zuerst war keine angemeldete Person. Öffnen Sie den Fall und urteilen Sie selbst; dann kann jemand anderes freigeben."
    "The first was no signed-in person. Open the case and judge it yourself; then another can approve."
}
proposed { "Voorgesteld" "Proposé" "Vorgeschlagen" "Proposed" }
proposed_by { "Door" "Par" "Von" "By" }
would_block { "Zou blokkeren" "Bloquerait" "Würde sperren" "Would block" }
guard_says { "De bewaker zegt" "Le garde dit" "Der Wächter sagt" "The guard says" }
for_days { "Voor" "Pour" "Für" "For" }
days { "dagen" "jours" "Tage" "days" }
compromised { "een gehackte site: kort, en zijn mail blijft werken" "un site piraté : court, et son courrier continue" "eine gehackte Website: kurz, und ihre Mail läuft weiter" "a hacked site: short, and its mail goes on" }
see_case { "Bekijk de hele zaak" "Voir tout le dossier" "Den ganzen Fall ansehen" "See the whole case" }
approve { "Keur goed en blokkeer" "Approuver et bloquer" "Freigeben und sperren" "Approve and block" }
decline { "Wijs af" "Refuser" "Ablehnen" "Decline" }
second_reason { "Waarom, in uw woorden" "Pourquoi, dans vos mots" "Warum, in Ihren Worten" "Why, in your words" }
said_approved { "Goedgekeurd: het is geblokkeerd." "Approuvé : c’est bloqué." "Freigegeben: Es ist gesperrt." "Approved: it is blocked." }
said_declined { "Afgewezen: er is niets geblokkeerd, en de zaak is weer open." "Refusé : rien n’est bloqué, et le dossier est de nouveau ouvert." "Abgelehnt: Nichts ist gesperrt, und der Fall ist wieder offen." "Declined: nothing is blocked, and the case is open again." }
said_guard { "De bewaker laat dit niet meer door; er is niets geblokkeerd." "Le garde ne laisse plus passer ceci ; rien n’est bloqué." "Der Wächter lässt das nicht mehr durch; nichts ist gesperrt." "The guard no longer lets this through; nothing is blocked." }
}
