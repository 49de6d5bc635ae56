//! What analysts read.

use crate::texts::texts;

texts! { Words:
nav { "Console" "Console" "Konsole" "Console" }
nav_queue { "Wachtrij" "File d’attente" "Warteschlange" "Queue" }
nav_shift { "Dienst" "Service" "Schicht" "Shift" }
nav_approvals { "Goedkeuringen" "Approbations" "Freigaben" "Approvals" }
nav_objections { "Bezwaren" "Contestations" "Einsprüche" "Objections" }
nav_campaigns { "Campagnes" "Campagnes" "Kampagnen" "Campaigns" }
nav_operators { "Operatoren" "Opérateurs" "Betreiber" "Operators" }
nav_warnings { "Waarschuwingen" "Avertissements" "Warnungen" "Warnings" }
nav_rules { "Regels" "Règles" "Regeln" "Rules" }
nav_lists { "Lijsten" "Listes" "Listen" "Lists" }
nav_people { "Mensen" "Personnes" "Personen" "People" }
nav_audit { "Logboek" "Journal d’audit" "Protokoll" "Audit log" }
to_console { "Naar de console" "Vers la console" "Zur Konsole" "To the console" }
sign_in { "Aanmelden" "Se connecter" "Anmelden" "Sign in" }
sign_in_button { "Aanmelden met passkey" "Se connecter par clé d’accès" "Mit Passkey anmelden" "Sign in with a passkey" }
sign_in_how {
    "U meldt zich aan met de passkey van uw toestel of sleutel. Er is geen wachtwoord."
    "Vous vous connectez avec la clé d’accès de votre appareil ou de votre clé de sécurité. Il n’y a pas de mot de passe."
    "Sie melden sich mit dem Passkey Ihres Geräts oder Schlüssels an. Es gibt kein Passwort."
    "You sign in with the passkey of your device or key. There is no password."
}
sign_in_lost {
    "Geen passkey, of kwijt? Vraag een beheerder om een nieuwe link."
    "Pas de clé d’accès, ou perdue ? Demandez un nouveau lien à un administrateur."
    "Kein Passkey, oder verloren? Bitten Sie einen Administrator um einen neuen Link."
    "No passkey, or lost it? Ask an administrator for a new link."
}
sign_out { "Afmelden" "Se déconnecter" "Abmelden" "Sign out" }
set_up { "Maak uw passkey" "Créez votre clé d’accès" "Erstellen Sie Ihren Passkey" "Make your passkey" }
set_up_how {
    "Met een passkey meldt u zich voortaan aan: uw toestel vraagt uw vinger, gezicht of pincode. Niets daarvan komt bij ons."
    "Une clé d’accès vous connecte désormais : votre appareil demande votre doigt, votre visage ou votre code. Rien de cela ne nous parvient."
    "Mit einem Passkey melden Sie sich künftig an: Ihr Gerät fragt nach Finger, Gesicht oder PIN. Nichts davon kommt zu uns."
    "A passkey signs you in from now on: your device asks for your finger, face or PIN. None of that comes to us."
}
set_up_once {
    "Deze link werkt één keer en hooguit 24 uur."
    "Ce lien fonctionne une seule fois et pendant 24 heures au plus."
    "Dieser Link gilt ein einziges Mal und höchstens 24 Stunden."
    "This link works once, and for 24 hours at most."
}
set_up_button { "Passkey maken" "Créer la clé d’accès" "Passkey erstellen" "Make a passkey" }
set_up_no_link {
    "Open de hele link die u kreeg."
    "Ouvrez le lien complet que vous avez reçu."
    "Öffnen Sie den ganzen Link, den Sie bekommen haben."
    "Open the whole link that you were given."
}
passkey_wait { "Kijk naar uw toestel …" "Regardez votre appareil …" "Sehen Sie auf Ihr Gerät …" "Look at your device …" }
passkey_failed { "Het lukte niet:" "Cela n’a pas réussi :" "Es hat nicht geklappt:" "It did not work:" }
passkey_unable {
    "Deze browser kan geen passkeys gebruiken, of scripts staan uit."
    "Ce navigateur ne sait pas utiliser de clés d’accès, ou les scripts sont désactivés."
    "Dieser Browser kann keine Passkeys verwenden, oder Skripte sind ausgeschaltet."
    "This browser can't use passkeys, or scripts are switched off."
}
refusal_missing { "Dit is er niet" "Ceci n’existe pas" "Das gibt es nicht" "There is no such thing" }
refusal_forbidden { "Dit mag niet" "Ceci n’est pas permis" "Das ist nicht erlaubt" "This is not allowed" }
refusal_changed { "Het is intussen veranderd" "Cela a changé entre-temps" "Es hat sich inzwischen geändert" "It has changed meanwhile" }
refusal_fault {
    "Er ging iets mis bij ons"
    "Une erreur s’est produite chez nous"
    "Bei uns ist etwas schiefgegangen"
    "Something went wrong on our side"
}
refusal_other { "Dit kon niet" "Ce n’était pas possible" "Das ging nicht" "This could not be done" }
news { "Er is nieuws." "Il y a du nouveau." "Es gibt Neues." "There is news." }
news_show { "Toon het (r)" "Afficher (r)" "Anzeigen (r)" "Show it (r)" }
news_waits { "De lijst beweegt niet terwijl u leest." "La liste ne bouge pas pendant que vous lisez." "Die Liste bewegt sich nicht, während Sie lesen." "The list does not move while you read." }
search { "Zoeken" "Chercher" "Suchen" "Search" }
search_hint { "naam, URL, bonnummer, zaak" "nom, URL, reçu, dossier" "Name, URL, Beleg, Fall" "name, URL, receipt, case" }
search_button { "Toon" "Afficher" "Anzeigen" "Show" }
search_nothing { "Hiervoor is niets gevonden; dit is de hele lijst." "Rien n’a été trouvé pour cela ; voici toute la liste." "Dazu wurde nichts gefunden; dies ist die ganze Liste." "Nothing was found for that; this is the whole list." }
state { "Toestand" "État" "Zustand" "State" }
status_all { "Alle" "Tous" "Alle" "All" }
status_open { "Open" "Ouvert" "Offen" "Open" }
status_awaiting { "Wacht op een tweede persoon" "Attend une deuxième personne" "Wartet auf eine zweite Person" "Awaits a second person" }
status_blocked { "Geblokkeerd" "Bloqué" "Gesperrt" "Blocked" }
status_benign { "Onschuldig" "Inoffensif" "Harmlos" "Benign" }
status_released { "Vrijgegeven" "Libéré" "Freigegeben" "Released" }
status_reversed { "Hersteld (was een vergissing)" "Rétabli (c’était une erreur)" "Zurückgenommen (war ein Irrtum)" "Reversed (was a mistake)" }
status_refused { "Geweigerd door de bewaker" "Refusé par le garde" "Vom Wächter abgelehnt" "Refused by the guard" }
status_closed { "Gesloten" "Fermé" "Geschlossen" "Closed" }
queue_empty { "Hier is niets te doen." "Rien à faire ici." "Hier ist nichts zu tun." "Nothing to do here." }
queue_order { "De dringendste eerst" "Les plus urgents d’abord" "Die dringendsten zuerst" "The most urgent first" }
choose { "Kies" "Choisir" "Auswählen" "Choose" }
subject { "Onderwerp" "Objet" "Gegenstand" "Subject" }
score { "Score" "Score" "Wert" "Score" }
reporters { "Melders" "Déclarants" "Meldende" "Reporters" }
reports { "Meldingen" "Signalements" "Meldungen" "Reports" }
reports_latest { "De laatste honderd" "Les cent derniers" "Die letzten hundert" "The latest hundred" }
opened { "Geopend" "Ouvert le" "Eröffnet" "Opened" }
bulk { "De gekozen zaken samen beslissen" "Décider ensemble les dossiers choisis" "Die gewählten Fälle gemeinsam entscheiden" "Decide the chosen cases together" }
bulk_hint { "De bewaker kijkt elke zaak na. Wat intussen veranderde, blijft zoals het is." "Le garde vérifie chaque dossier. Ce qui a changé entre-temps reste tel quel." "Der Wächter prüft jeden Fall. Was sich inzwischen geändert hat, bleibt, wie es ist." "The guard checks each case. What has changed meanwhile stays as it is." }
bulk_button { "Beslis" "Décider" "Entscheiden" "Decide" }
bulk_said { "{} beslist; {} bleven over: bekijk ze één voor één." "{} décidés ; {} restent : regardez-les un par un." "{} entschieden; {} blieben übrig: Sehen Sie sie einzeln an." "{} decided; {} were left: look at them one by one." }
next_page { "Volgende" "Suivant" "Weiter" "Next" }
keys { "Toetsen" "Touches" "Tasten" "Keys" }
keys_on { "Toetsen gebruiken" "Utiliser les touches" "Tasten benutzen" "Use keys" }
keys_move { "omlaag, omhoog" "descendre, monter" "ab, auf" "down, up" }
case { "Zaak" "Dossier" "Fall" "Case" }
by_rule { "volgens regel" "selon la règle" "nach Regel" "by rule" }
held_by { "in handen van" "entre les mains de" "in den Händen von" "in the hands of" }
reported { "Wat er gemeld is" "Ce qui a été signalé" "Was gemeldet wurde" "What was reported" }
proven { "van wie de afzender bewezen is" "dont l’expéditeur est prouvé" "mit erwiesenem Absender" "whose sender is proven" }
reading { "Wat erin staat" "Ce qu’il contient" "Was darin steht" "What is in it" }
from { "Van" "De" "Von" "From" }
mail_subject { "Onderwerp van het bericht" "Objet du message" "Betreff der Nachricht" "The message’s subject" }
links { "Links" "Liens" "Links" "Links" }
link_lies { "De tekst noemt een ander adres." "Le texte indique une autre adresse." "Der Text nennt eine andere Adresse." "The text names another address." }
mail_text { "Tekst van het bericht" "Texte du message" "Text der Nachricht" "The message’s text" }
defects { "Wat niet gelezen kon worden" "Ce qui n’a pas pu être lu" "Was nicht gelesen werden konnte" "What could not be read" }
original { "Het origineel opslaan" "Enregistrer l’original" "Das Original speichern" "Save the original" }
original_logged { "Dit komt in het logboek, onder uw naam." "Ceci est inscrit au journal, sous votre nom." "Das steht im Protokoll, unter Ihrem Namen." "This goes into the audit log, under your name." }
order { "Bevel" "Ordre" "Anordnung" "Order" }
released_by { "vrijgegeven door" "libéré par" "freigegeben durch" "released by" }
blocks { "Blokkeert" "Bloque" "Sperrt" "Blocks" }
since { "Sinds" "Depuis" "Seit" "Since" }
until { "Tot" "Jusqu’au" "Bis" "Until" }
answers { "Geblokkeerde antwoorden" "Réponses bloquées" "Gesperrte Antworten" "Blocked answers" }
views { "Keren de waarschuwing getoond" "Affichages de l’avertissement" "Anzeigen der Warnung" "Views of the warning" }
no_follower { "Nog geen operator heeft geteld." "Aucun opérateur n’a encore compté." "Noch hat kein Betreiber gezählt." "No operator has counted yet." }
followers { "Operatoren" "Opérateurs" "Betreiber" "Operators" }
follower { "Operator" "Opérateur" "Betreiber" "Operator" }
applied { "Van kracht" "En vigueur" "In Kraft" "In force" }
after { "Na" "Après" "Nach" "After" }
first_blocked { "Eerste blokkering" "Premier blocage" "Erste Sperre" "First blocked" }
receipt { "Bonnummer" "Reçu" "Beleg" "Receipt" }
received { "Ontvangen" "Reçu le" "Eingegangen" "Received" }
sender { "Afzender" "Expéditeur" "Absender" "Sender" }
sender_unknown { "niet nagekeken" "non vérifié" "nicht geprüft" "not checked" }
sender_proven { "bewezen" "prouvé" "erwiesen" "proven" }
sender_unproven { "niet bewezen" "non prouvé" "nicht erwiesen" "not proven" }
timeline { "Verloop" "Chronologie" "Verlauf" "Timeline" }
event_opened { "Zaak geopend" "Dossier ouvert" "Fall eröffnet" "Case opened" }
event_report { "Melding" "Signalement" "Meldung" "Report" }
event_verdict { "Oordeel" "Jugement" "Urteil" "Verdict" }
event_order { "Bevel" "Ordre" "Anordnung" "Order" }
event_applied { "Van kracht bij een operator: bevel" "En vigueur chez un opérateur : ordre" "In Kraft bei einem Betreiber: Anordnung" "In force at an operator: order" }
event_first { "Eerste geblokkeerde antwoord: bevel" "Première réponse bloquée : ordre" "Erste gesperrte Antwort: Anordnung" "First blocked answer: order" }
decide { "Wat is het?" "Qu’est-ce que c’est ?" "Was ist es?" "What is it?" }
guard_free { "De bewaker laat deze blokkering door." "Le garde laisse passer ce blocage." "Der Wächter lässt diese Sperre durch." "The guard lets this block through." }
guard_two { "Twee personen moeten het eens zijn." "Deux personnes doivent être d’accord." "Zwei Personen müssen sich einig sein." "Two people must agree." }
guard_refused { "De bewaker weigert deze blokkering." "Le garde refuse ce blocage." "Der Wächter lehnt diese Sperre ab." "The guard refuses this block." }
reason { "Reden" "Motif" "Grund" "Reason" }
reason_hint { "Wordt nooit gepubliceerd. Leeg mag." "N’est jamais publié. Peut rester vide." "Wird nie veröffentlicht. Darf leer bleiben." "Never published. May be left empty." }
default_reason { "Beslist in de console, zonder verdere woorden" "Décidé dans la console, sans autre mot" "In der Konsole entschieden, ohne weitere Worte" "Decided in the console, without further words" }
level { "Hoe breed" "Étendue" "Wie breit" "How wide" }
level_host { "Alleen deze naam" "Ce nom seulement" "Nur dieser Name" "This name only" }
level_domain { "Het hele domein" "Tout le domaine" "Die ganze Domain" "The whole domain" }
level_domain_hits { "treft ook alles eronder" "touche aussi tout ce qui est en dessous" "trifft auch alles darunter" "hits all below it too" }
compromised { "Een gehackte site: zijn mail blijft werken, en de blokkering is kort" "Un site piraté : son courrier continue, et le blocage est court" "Eine gehackte Website: Ihre Mail läuft weiter, und die Sperre ist kurz" "A hacked site: its mail goes on, and the block is short" }
verdict { "Oordeel" "Jugement" "Urteil" "Verdict" }
verdict_choose { "Kies een oordeel" "Choisissez un jugement" "Wählen Sie ein Urteil" "Choose a verdict" }
verdict_phishing { "Phishing" "Hameçonnage" "Phishing" "Phishing" }
verdict_malware { "Malware" "Logiciel malveillant" "Schadsoftware" "Malware" }
verdict_fake_shop { "Valse winkel" "Fausse boutique" "Falscher Shop" "Fake shop" }
verdict_other_fraud { "Andere fraude" "Autre fraude" "Anderer Betrug" "Other fraud" }
verdict_spam { "Spam" "Indésirable" "Spam" "Spam" }
verdict_benign { "Onschuldig" "Inoffensif" "Harmlos" "Benign" }
verdict_undecidable { "Niet te zeggen" "Indécidable" "Nicht zu sagen" "Can’t be told" }
said_blocked { "Geblokkeerd. Hieronder ziet u bij elke operator wanneer het van kracht werd." "Bloqué. Ci-dessous, vous voyez quand c’est entré en vigueur chez chaque opérateur." "Gesperrt. Unten sehen Sie, wann es bei jedem Betreiber in Kraft trat." "Blocked. Below you see when it took hold at each operator." }
said_awaiting { "Genoteerd. Een tweede persoon moet het bevestigen." "Noté. Une deuxième personne doit confirmer." "Notiert. Eine zweite Person muss bestätigen." "Recorded. A second person must confirm it." }
said_refused { "De bewaker weigerde de blokkering; het oordeel is genoteerd." "Le garde a refusé le blocage ; le jugement est noté." "Der Wächter hat die Sperre abgelehnt; das Urteil ist notiert." "The guard refused the block; the verdict is recorded." }
said_decided { "Genoteerd." "C’est noté." "Es ist notiert." "It is recorded." }
said_released { "Vrijgegeven: de operatoren laten de naam weer door." "Libéré : les opérateurs laissent à nouveau passer ce nom." "Freigegeben: Die Betreiber lassen den Namen wieder durch." "Released: the operators let the name through again." }
release { "Ongedaan maken" "Annuler" "Rückgängig machen" "Undo" }
release_how { "Ongedaan maken is een vrijgave: een nieuw bevel, dat zegt dat het vorige ophoudt." "Annuler, c’est libérer : un nouvel ordre dit que le précédent cesse." "Rückgängig machen ist eine Freigabe: eine neue Anordnung, die die vorige beendet." "Undo is a release: a new order which says that the one before ends." }
release_mistake { "De blokkering was een vergissing" "Le blocage était une erreur" "Die Sperre war ein Irrtum" "The block was a mistake" }
release_button { "Geef vrij" "Libérer" "Freigeben" "Release" }
notes { "Notities" "Notes" "Notizen" "Notes" }
note_new { "Nieuwe notitie" "Nouvelle note" "Neue Notiz" "New note" }
note_button { "Noteer" "Noter" "Notieren" "Write down" }
take { "Ik neem deze zaak" "Je prends ce dossier" "Ich nehme diesen Fall" "I take this case" }
let_go { "Laat deze zaak los" "Lâcher ce dossier" "Diesen Fall abgeben" "Let this case go" }
none { "Geen." "Aucun." "Keine." "None." }
shift_now { "Nu" "Maintenant" "Jetzt" "Now" }
unread { "nog niet gelezen" "pas encore lus" "noch nicht gelesen" "not read yet" }
alarms { "Alarmen" "Alarmes" "Alarme" "Alarms" }
alarms_none { "Er is geen alarm." "Il n’y a pas d’alarme." "Es gibt keinen Alarm." "There is no alarm." }
ending { "Lopen af binnen 24 uur" "Prennent fin dans les 24 heures" "Enden innerhalb von 24 Stunden" "End within 24 hours" }
head { "Het journaal eindigt bij" "Le journal s’arrête à" "Das Journal endet bei" "The journal ends at" }
entry { "Bij" "À" "Bei" "At" }
behind { "Achter" "Retard" "Zurück" "Behind" }
seen { "Gezien" "Vu" "Gesehen" "Seen" }
invite { "Iemand uitnodigen" "Inviter quelqu’un" "Jemanden einladen" "Invite someone" }
invite_button { "Maak de link" "Créer le lien" "Link erstellen" "Make the link" }
invited { "Uitgenodigd" "Invité" "Eingeladen" "Invited" }
invited_how { "Geef deze link aan die persoon. Hij werkt één keer, 24 uur lang, en is hier niet meer te zien." "Donnez ce lien à cette personne. Il fonctionne une fois, pendant 24 heures, et ne sera plus affiché." "Geben Sie diesen Link der Person. Er gilt einmal, 24 Stunden lang, und wird nicht wieder angezeigt." "Give this link to that person. It works once, for 24 hours, and is not shown again." }
person_name { "Naam" "Nom" "Name" "Name" }
role { "Rol" "Rôle" "Rolle" "Role" }
people_all { "Wie zich kan aanmelden" "Qui peut se connecter" "Wer sich anmelden kann" "Who can sign in" }
passkeys { "Passkeys" "Clés d’accès" "Passkeys" "Passkeys" }
sessions { "Sessies" "Sessions" "Sitzungen" "Sessions" }
last_signed_in { "Laatst aangemeld" "Dernière connexion" "Zuletzt angemeldet" "Last signed in" }
link_open { "link open" "lien ouvert" "Link offen" "link open" }
acts { "Handelingen" "Actions" "Aktionen" "Acts" }
end_sessions { "Overal afmelden" "Déconnecter partout" "Überall abmelden" "Sign out everywhere" }
remove { "Verwijderen" "Retirer" "Entfernen" "Remove" }
audit_how { "Wie wat deed, het laatste eerst; elke regel is aan de vorige geketend" "Qui a fait quoi, le dernier d’abord ; chaque ligne est enchaînée à la précédente" "Wer was tat, das Letzte zuerst; jede Zeile ist mit der vorigen verkettet" "Who did what, the latest first; each line is chained to the one before" }
line { "Regel" "Ligne" "Zeile" "Line" }
when { "Wanneer" "Quand" "Wann" "When" }
who { "Wie" "Qui" "Wer" "Who" }
what { "Wat" "Quoi" "Was" "What" }
detail { "Meer" "Détail" "Mehr" "Detail" }
objections_how { "Iemand anders dan wie de zaak beoordeelde, beslist; het doel is vier uur. Uw redenen leest de afzender." "Une autre personne que celle qui a jugé décide ; l’objectif est de quatre heures. L’auteur lit vos raisons." "Eine andere Person als die, die geurteilt hat, entscheidet; das Ziel sind vier Stunden. Der Absender liest Ihre Gründe." "Another person than the one who judged the case decides; the goal is four hours. The sender reads your reasons." }
objection_late { "langer dan vier uur" "plus de quatre heures" "länger als vier Stunden" "longer than four hours" }
objection_answer { "Redenen, voor de afzender" "Raisons, pour l’auteur" "Gründe, für den Absender" "Reasons, for the sender" }
objection_grant { "Geef gelijk en hef op" "Donner raison et lever" "Recht geben und aufheben" "Grant it and lift the block" }
objection_reject { "Wijs af" "Rejeter" "Ablehnen" "Reject it" }
objection_granted { "Gelijk gekregen" "Acceptée" "Stattgegeben" "Granted" }
objection_rejected { "Afgewezen" "Rejetée" "Abgelehnt" "Rejected" }
}
