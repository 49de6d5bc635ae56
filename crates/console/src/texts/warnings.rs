//! What the public reads around warnings, what people read who write them, and the words of
//! a first draft.

use crate::texts::texts;

texts! { Warnings:
warnings { "Waarschuwingen" "Avertissements" "Warnungen" "Warnings" }
lead {
    "Waarvoor wij nu waarschuwen. De namen van websites staan hier zo dat niemand ze per ongeluk opent."
    "Ce contre quoi nous mettons en garde. Les noms de sites sont écrits de façon que personne ne les ouvre par accident."
    "Wovor wir gerade warnen. Namen von Websites stehen hier so, dass niemand sie versehentlich öffnet."
    "What we warn of now. Names of websites are written so that nobody opens them by accident."
}
none { "Er is nu geen waarschuwing." "Il n’y a pas d’avertissement pour le moment." "Es gibt zurzeit keine Warnung." "There is no warning now." }
published { "Gepubliceerd" "Publié" "Veröffentlicht" "Published" }
updated { "Bijgewerkt" "Mis à jour" "Aktualisiert" "Updated" }
withdrawn { "Ingetrokken" "Retiré" "Zurückgezogen" "Withdrawn" }
withdrawn_means { "Deze waarschuwing geldt niet meer." "Cet avertissement n’est plus valable." "Diese Warnung gilt nicht mehr." "This warning no longer holds." }
history { "Wat wij wanneer zeiden" "Ce que nous avons dit, et quand" "Was wir wann sagten" "What we said when" }
all { "Alle waarschuwingen" "Tous les avertissements" "Alle Warnungen" "All warnings" }
follow { "Volgen" "Suivre" "Folgen" "Follow" }
follow_how {
    "In een feedlezer, of ingebed in uw eigen website."
    "Dans un lecteur de flux, ou intégrés à votre propre site."
    "In einem Feedreader, oder eingebettet in Ihre eigene Website."
    "In a feed reader, or embedded in a website of your own."
}
embed { "Om in te bedden" "À intégrer" "Zum Einbetten" "To embed" }
how_console {
    "Wie schrijft, publiceert niet: een andere persoon leest alle vier de talen na en keurt goed. Namen van websites worden onschadelijk gemaakt zodra u bewaart."
    "Qui écrit ne publie pas : une autre personne relit les quatre langues et approuve. Les noms de sites sont neutralisés dès l’enregistrement."
    "Wer schreibt, veröffentlicht nicht: Eine andere Person liest alle vier Sprachen und gibt frei. Namen von Websites werden beim Sichern unschädlich gemacht."
    "Whoever writes does not publish: another person reads all four languages and approves. Names of websites are defanged as you save."
}
warning { "Waarschuwing" "Avertissement" "Warnung" "Warning" }
state_draft { "Ontwerp" "Projet" "Entwurf" "Draft" }
state_dropped { "Opgegeven" "Abandonné" "Aufgegeben" "Given up" }
waits { "wacht op een andere persoon" "attend une autre personne" "wartet auf eine andere Person" "waits for another person" }
title { "Titel" "Titre" "Titel" "Title" }
changed { "Laatst gewijzigd" "Dernière modification" "Zuletzt geändert" "Last changed" }
body { "Tekst" "Texte" "Text" "Text" }
body_hint {
    "Een lege regel begint een alinea; regels met „- ” ervoor worden een lijst."
    "Une ligne vide commence un paragraphe ; des lignes précédées de « - » deviennent une liste."
    "Eine leere Zeile beginnt einen Absatz; Zeilen mit „- “ davor werden eine Liste."
    "An empty line begins a paragraph; lines with “- ” before them become a list."
}
write_new { "Zonder campagne beginnen" "Commencer sans campagne" "Ohne Kampagne beginnen" "Begin without a campaign" }
draft_from { "Een waarschuwing ontwerpen" "Rédiger un avertissement" "Eine Warnung entwerfen" "Draft a warning" }
save { "Bewaar" "Enregistrer" "Sichern" "Save" }
second { "Goedkeuren" "Approuver" "Freigeben" "Approve" }
second_how {
    "U publiceert precies wat hier staat, in alle vier de talen."
    "Vous publiez exactement ce qui est écrit ici, dans les quatre langues."
    "Sie veröffentlichen genau das, was hier steht, in allen vier Sprachen."
    "You publish exactly what is written here, in all four languages."
}
publish { "Keur goed en publiceer" "Approuver et publier" "Freigeben und veröffentlichen" "Approve and publish" }
own {
    "U schreef deze versie zelf: een ander moet ze goedkeuren."
    "Vous avez écrit cette version : une autre personne doit l’approuver."
    "Sie haben diese Fassung selbst geschrieben: Jemand anderes muss sie freigeben."
    "You wrote this version yourself: another person must approve it."
}
no_person {
    "Deze versie is niet door een aangemelde persoon geschreven. Bewaar ze zelf; dan kan een ander goedkeuren."
    "Cette version n’a pas été écrite par une personne connectée. Enregistrez-la vous-même ; une autre pourra l’approuver."
    "Diese Fassung hat keine angemeldete Person geschrieben. Sichern Sie sie selbst; dann kann jemand anderes freigeben."
    "No signed-in person wrote this version. Save it yourself; then another can approve it."
}
withdraw { "Intrekken" "Retirer" "Zurückziehen" "Withdraw" }
withdraw_how {
    "Wie ze las, ziet dat ze niet meer geldt. De reden blijft intern."
    "Qui l’a lu voit qu’il n’est plus valable. La raison reste interne."
    "Wer sie las, sieht, dass sie nicht mehr gilt. Der Grund bleibt intern."
    "Those who read it see that it no longer holds. The reason stays inside."
}
drop { "Opgeven" "Abandonner" "Aufgeben" "Give up" }
why { "Waarom" "Pourquoi" "Warum" "Why" }
versions { "Versies" "Versions" "Fassungen" "Versions" }
version { "Versie" "Version" "Fassung" "Version" }
author { "Geschreven door" "Écrite par" "Geschrieben von" "Written by" }
approved_by { "Goedgekeurd door" "Approuvée par" "Freigegeben von" "Approved by" }
public_now { "Wat het publiek nu leest" "Ce que le public lit maintenant" "Was die Öffentlichkeit jetzt liest" "What the public reads now" }
said_draft { "Ontwerp bewaard: lees en verbeter het." "Projet enregistré : relisez-le et corrigez-le." "Entwurf gesichert: Lesen und verbessern Sie ihn." "Draft kept: read and mend it." }
said_saved { "Bewaard. Een andere persoon kan het nu goedkeuren." "Enregistré. Une autre personne peut maintenant l’approuver." "Gesichert. Eine andere Person kann es nun freigeben." "Saved. Another person can now approve it." }
said_published { "Gepubliceerd." "Publié." "Veröffentlicht." "Published." }
said_withdrawn { "Ingetrokken." "Retiré." "Zurückgezogen." "Withdrawn." }
hooks { "Wie een bericht krijgt" "Qui est prévenu" "Wer benachrichtigt wird" "Who is told" }
hooks_how {
    "Elk adres krijgt een ondertekend bericht (Standard Webhooks) als een waarschuwing verschijnt, wijzigt of vervalt. Adressen van private netwerken worden geweigerd."
    "Chaque adresse reçoit un message signé (Standard Webhooks) quand un avertissement paraît, change ou est retiré. Les adresses de réseaux privés sont refusées."
    "Jede Adresse bekommt eine signierte Nachricht (Standard Webhooks), wenn eine Warnung erscheint, sich ändert oder entfällt. Adressen privater Netze werden abgelehnt."
    "Each address gets a signed message (Standard Webhooks) when a warning appears, changes or is withdrawn. Addresses of private networks are refused."
}
hooks_none { "Nog niemand." "Personne pour le moment." "Noch niemand." "Nobody yet." }
hook_name { "Naam" "Nom" "Name" "Name" }
hook_url { "Adres (https)" "Adresse (https)" "Adresse (https)" "Address (https)" }
hook_last { "Laatste antwoord" "Dernière réponse" "Letzte Antwort" "Last answer" }
hook_failed { "Mislukte pogingen" "Essais manqués" "Fehlversuche" "Failed tries" }
hook_given_up { "Opgegeven" "Abandonnés" "Aufgegeben" "Given up" }
hook_add { "Voeg toe" "Ajouter" "Hinzufügen" "Add" }
hook_drop { "Verwijder" "Supprimer" "Entfernen" "Remove" }
hook_secret {
    "Hiermee worden de berichten ondertekend; dit wordt maar één keer getoond:"
    "Ceci signe les messages ; il n’est montré qu’une fois :"
    "Damit werden die Nachrichten signiert; es wird nur einmal gezeigt:"
    "The messages are signed by this; it is shown only once:"
}
hook_dropped { "Verwijderd." "Supprimé." "Entfernt." "Removed." }
}

texts! { Drafts:
title_brand {
    "Opgelet: valse berichten in naam van {}"
    "Attention : faux messages au nom de {}"
    "Vorsicht: falsche Nachrichten im Namen von {}"
    "Beware: false messages in the name of {}"
}
title_other {
    "Opgelet: valse berichten in omloop"
    "Attention : de faux messages circulent"
    "Vorsicht: falsche Nachrichten im Umlauf"
    "Beware: false messages are going round"
}
since {
    "Er gaan valse berichten rond. Wij zagen ze voor het eerst op {}."
    "De faux messages circulent. Nous les avons vus pour la première fois le {}."
    "Es gehen falsche Nachrichten um. Wir sahen sie zuerst am {}."
    "False messages are going round. We first saw them on {}."
}
names {
    "Ze leiden onder meer naar deze namen. Ga er niet heen:"
    "Ils mènent notamment à ces noms. N’y allez pas :"
    "Sie führen unter anderem zu diesen Namen. Gehen Sie nicht dorthin:"
    "They lead to these names among others. Do not go there:"
}
act {
    "Klik op geen link in zo’n bericht, typ niets in en betaal niets. Twijfelt u, open dan zelf de website of app die u kent."
    "Ne cliquez sur aucun lien d’un tel message, ne saisissez rien et ne payez rien. En cas de doute, ouvrez vous-même le site ou l’application que vous connaissez."
    "Klicken Sie auf keinen Link in einer solchen Nachricht, geben Sie nichts ein und bezahlen Sie nichts. Im Zweifel öffnen Sie selbst die Website oder App, die Sie kennen."
    "Click no link in such a message, type nothing in and pay nothing. If in doubt, open the website or app that you know yourself."
}
harmed {
    "Hebt u toch iets ingetypt of betaald? Bel meteen {}: {}."
    "Avez-vous tout de même saisi quelque chose ou payé ? Appelez aussitôt {} : {}."
    "Haben Sie doch etwas eingegeben oder bezahlt? Rufen Sie sofort {} an: {}."
    "Did you type something in or pay all the same? Call {} at once: {}."
}
harmed_bank {
    "Hebt u toch iets ingetypt of betaald? Bel meteen uw bank."
    "Avez-vous tout de même saisi quelque chose ou payé ? Appelez aussitôt votre banque."
    "Haben Sie doch etwas eingegeben oder bezahlt? Rufen Sie sofort Ihre Bank an."
    "Did you type something in or pay all the same? Call your bank at once."
}
report {
    "Kreeg u zo’n bericht? Meld het op {}."
    "Avez-vous reçu un tel message ? Signalez-le sur {}."
    "Haben Sie so eine Nachricht bekommen? Melden Sie sie auf {}."
    "Did you get such a message? Report it at {}."
}
}
