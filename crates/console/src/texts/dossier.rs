//! What analysts read on a case's page beside the facts: what it looks like, what it
//! belongs to, what a wider block would hit, and what else can be done with it.

use crate::texts::texts;

texts! { Dossier:
looks_like { "Lijkt op" "Ressemble à" "Sieht aus wie" "Looks like" }
looks_name { "Deze naam" "Ce nom" "Dieser Name" "This name" }
looks_own { "De echte" "Le vrai" "Die echte" "The real one" }
looks_is_own { "Deze naam hoort bij" "Ce nom appartient à" "Dieser Name gehört zu" "This name belongs to" }
page { "Zoals de mail eruitzag" "Comme le courriel apparaissait" "Wie die Mail aussah" "As the mail looked" }
page_how {
    "Nagemaakt zonder scripts, links en beelden; wie het kreeg, is weggelaten."
    "Reconstitué sans scripts, liens ni images ; les destinataires sont masqués."
    "Nachgebildet ohne Skripte, Links und Bilder; wer sie bekam, ist weggelassen."
    "Rebuilt without scripts, links and pictures; whoever got it is left out."
}
page_reveal { "Toon met de ontvangers" "Montrer avec les destinataires" "Mit den Empfängern zeigen" "Show with the recipients" }
page_none { "Dit bericht heeft geen opmaak: lees de tekst." "Ce message n’a pas de mise en forme : lisez le texte." "Diese Nachricht hat keine Gestaltung: Lesen Sie den Text." "This message has no layout: read its text." }
page_failed { "De lezer kon er geen pagina van maken." "Le lecteur n’a pas pu en faire une page." "Der Leser konnte keine Seite daraus machen." "The reader could not make a page of it." }
further { "Andere berichten in deze melding" "Autres messages dans ce signalement" "Weitere Nachrichten in dieser Meldung" "Other messages in this report" }
further_none { "zonder onderwerp" "sans objet" "ohne Betreff" "without a subject" }
seen { "Wat de pagina toonde" "Ce que la page montrait" "Was die Seite zeigte" "What its page showed" }
seen_none { "Niemand heeft de pagina nog geopend." "Personne n’a encore ouvert la page." "Noch hat niemand die Seite geöffnet." "Nobody has opened the page yet." }
seen_ask { "Open de pagina" "Ouvrir la page" "Die Seite öffnen" "Open the page" }
seen_desktop { "als computer" "comme un ordinateur" "als Computer" "as a computer" }
seen_phone { "als telefoon" "comme un téléphone" "als Telefon" "as a phone" }
seen_waiting { "wacht op haar beurt" "attend son tour" "wartet auf ihre Reihe" "waits for its turn" }
seen_failed { "niet gelukt" "pas réussi" "nicht gelungen" "failed" }
seen_title { "Titel" "Titre" "Titel" "Title" }
seen_landed { "Kwam uit op" "Arrivée à" "Endete bei" "Ended at" }
seen_way { "De weg erheen" "Le chemin" "Der Weg dorthin" "The way there" }
hop_asked { "gevraagd" "demandé" "angefragt" "asked for" }
hop_redirect { "doorverwijzing" "redirection" "Weiterleitung" "redirect" }
hop_page { "door de pagina zelf" "par la page elle-même" "durch die Seite selbst" "by the page itself" }
seen_forms { "Formulieren" "Formulaires" "Formulare" "Forms" }
seen_forms_none { "Geen formulier gezien." "Aucun formulaire vu." "Kein Formular gesehen." "No form was seen." }
form_to { "Stuurt naar" "Envoie à" "Sendet an" "Sends to" }
form_elsewhere { "een andere host" "un autre hôte" "ein anderer Host" "another host" }
form_password { "vraagt een wachtwoord" "demande un mot de passe" "fragt nach einem Passwort" "asks for a password" }
form_asks { "Vraagt:" "Demande :" "Fragt nach:" "Asks for:" }
seen_text { "De tekst van de pagina" "Le texte de la page" "Der Text der Seite" "The page’s text" }
seen_picture { "Schermafbeelding" "Capture d’écran" "Bildschirmfoto" "Screenshot" }
seen_blurred { "Schermafbeelding, onscherp gemaakt" "Capture d’écran, floutée" "Bildschirmfoto, unscharf gemacht" "Screenshot, blurred" }
seen_reveal { "Toon scherp" "Montrer nettement" "Scharf zeigen" "Show it sharp" }
seen_care { "Dit is de valse pagina zelf, als beeld: typ nergens iets van over." "C’est la fausse page elle-même, en image : n’en recopiez rien." "Das ist die falsche Seite selbst, als Bild: Tippen Sie nichts davon ab." "This is the false page itself, as a picture: copy nothing from it." }
said_asked { "Gevraagd: de pagina wordt zo geopend." "Demandé : la page sera ouverte sous peu." "Angefragt: Die Seite wird gleich geöffnet." "Asked for: the page is opened shortly." }
campaign { "Campagne" "Campagne" "Kampagne" "Campaign" }
campaign_cases { "zaken" "dossiers" "Fälle" "cases" }
campaign_why { "Waarom ze bij elkaar horen" "Pourquoi ils vont ensemble" "Warum sie zusammengehören" "Why they belong together" }
wide { "Wat het hele domein zou treffen" "Ce que toucherait tout le domaine" "Was die ganze Domain träfe" "What the whole domain would hit" }
wide_known {
    "Deze namen onder het domein kennen wij; er kunnen er meer zijn."
    "Nous connaissons ces noms sous le domaine ; il peut y en avoir d’autres."
    "Diese Namen unter der Domain kennen wir; es kann mehr geben."
    "We know these names under the domain; there may be more."
}
wide_only { "Wij kennen geen andere naam onder dit domein." "Nous ne connaissons aucun autre nom sous ce domaine." "Wir kennen keinen anderen Namen unter dieser Domain." "We know no other name under this domain." }
curve { "Geblokkeerde antwoorden in de tijd" "Réponses bloquées au fil du temps" "Gesperrte Antworten im Lauf der Zeit" "Blocked answers over time" }
curve_table { "Als tabel" "En tableau" "Als Tabelle" "As a table" }
curve_until { "Tot" "Jusqu’à" "Bis" "Until" }
curve_none { "Nog niemand werd tegengehouden." "Personne n’a encore été arrêté." "Noch wurde niemand aufgehalten." "Nobody has been stopped yet." }
more { "Later of anders" "Plus tard, ou autrement" "Später oder anders" "Later, or otherwise" }
park { "Laat wachten" "Mettre en attente" "Warten lassen" "Let it wait" }
park_days { "Hoeveel dagen" "Combien de jours" "Wie viele Tage" "How many days" }
take_up { "Weer openen" "Rouvrir" "Wieder öffnen" "Open it again" }
parked_until { "Wacht tot" "En attente jusqu’au" "Wartet bis" "Waits until" }
renew { "Verlengen" "Prolonger" "Verlängern" "Renew" }
renew_how {
    "U hebt opnieuw gekeken en het is nog altijd fraude: de termijn begint opnieuw."
    "Vous avez regardé de nouveau et c’est toujours une fraude : le délai recommence."
    "Sie haben noch einmal nachgesehen, und es ist immer noch Betrug: Die Frist beginnt neu."
    "You have looked again and it is still fraud: its term begins anew."
}
said_parked { "De zaak wacht." "Le dossier est en attente." "Der Fall wartet." "The case waits." }
said_taken_up { "De zaak is weer open." "Le dossier est de nouveau ouvert." "Der Fall ist wieder offen." "The case is open again." }
said_renewed { "Verlengd: een nieuw bevel staat in de plaats van het oude." "Prolongé : un nouvel ordre remplace l’ancien." "Verlängert: Eine neue Anordnung ersetzt die alte." "Renewed: a new order stands in the old one’s place." }
said_not_renewed { "De bewaker laat dit niet door één persoon verlengen." "Le garde ne laisse pas une seule personne prolonger ceci." "Der Wächter lässt das nicht von einer Person verlängern." "The guard does not let one person renew this." }
together { "Wordt samen beoordeeld met" "Est jugé avec" "Wird gemeinsam beurteilt mit" "Is judged together with" }
act_park { "In wacht gezet" "Mis en attente" "Zurückgestellt" "Parked" }
act_take_up { "Weer geopend" "Rouvert" "Wieder geöffnet" "Opened again" }
act_wake { "Gewekt" "Réveillé" "Geweckt" "Woken" }
act_merge { "Samengevoegd" "Fusionné" "Zusammengelegt" "Merged" }
act_unmerge { "Losgemaakt" "Séparé" "Gelöst" "Unmerged" }
act_split { "Gesplitst" "Scindé" "Geteilt" "Split" }
act_raise { "Door een persoon geopend" "Ouvert par une personne" "Von einer Person eröffnet" "Opened by a person" }
act_renew { "Verlengd" "Prolongé" "Verlängert" "Renewed" }
act_decline { "Door de tweede persoon afgewezen" "Refusé par la deuxième personne" "Von der zweiten Person abgelehnt" "Declined by the second person" }
act_release { "Vrijgegeven" "Libéré" "Freigegeben" "Released" }
act_reverse { "Hersteld als vergissing" "Rétabli comme erreur" "Als Irrtum zurückgenommen" "Taken back as a mistake" }
act_expire { "Afgelopen" "Arrivé à terme" "Abgelaufen" "Expired" }
act_reopen { "Heropend: de termijn is om" "Rouvert : le délai est écoulé" "Wieder offen: Die Frist ist um" "Reopened: its term is over" }
act_other { "Handeling" "Action" "Handlung" "Act" }
}
