//! What analysts read about campaigns, and about warnings that are made of them.

use crate::texts::texts;

texts! { Campaigns:
campaigns_how {
    "Zaken van dezelfde hand, gevonden aan wat ze delen: tekst, pagina, afzender, rekening, domein."
    "Dossiers de la même main, reconnus à ce qu’ils partagent : texte, page, expéditeur, compte, domaine."
    "Fälle von derselben Hand, erkannt an dem, was sie teilen: Text, Seite, Absender, Konto, Domain."
    "Cases by the same hand, found by what they share: text, page, sender, account, domain."
}
campaigns_none { "Er is nog geen campagne." "Il n’y a pas encore de campagne." "Es gibt noch keine Kampagne." "There is no campaign yet." }
campaign { "Campagne" "Campagne" "Kampagne" "Campaign" }
brand { "Merk" "Marque" "Marke" "Brand" }
brand_none { "geen merk herkend" "aucune marque reconnue" "keine Marke erkannt" "no brand recognised" }
cases { "Zaken" "Dossiers" "Fälle" "Cases" }
campaigns { "Campagnes" "Campagnes" "Kampagnen" "Campaigns" }
first_seen { "Eerst gezien" "Vue d’abord" "Zuerst gesehen" "First seen" }
last_seen { "Laatst gezien" "Vue en dernier" "Zuletzt gesehen" "Last seen" }
filter_brand { "Alleen dit merk" "Cette marque seulement" "Nur diese Marke" "Only this brand" }
filter_button { "Toon" "Afficher" "Anzeigen" "Show" }
register { "Register" "Registre" "Register" "Register" }
register_how { "Per maand, merk en kanaal" "Par mois, marque et canal" "Nach Monat, Marke und Kanal" "By month, brand and channel" }
by_year { "Per jaar" "Par année" "Nach Jahr" "By year" }
year { "Jaar" "Année" "Jahr" "Year" }
month { "Maand" "Mois" "Monat" "Month" }
channel { "Kanaal" "Canal" "Kanal" "Channel" }
merged_into { "Bleek dezelfde te zijn als" "S’est révélée être la même que" "Erwies sich als dieselbe wie" "Turned out to be the same as" }
shared { "Wat ze delen" "Ce qu’ils partagent" "Was sie teilen" "What they share" }
shared_none { "Elke zaak deelt iets met één andere; niets met allemaal." "Chaque dossier partage quelque chose avec un autre ; rien avec tous." "Jeder Fall teilt etwas mit einem anderen; nichts mit allen." "Each case shares something with one other; nothing with all." }
shared_by { "gedeeld door" "partagé par" "geteilt von" "shared by" }
members { "De laatste 500 zaken" "Les 500 derniers dossiers" "Die letzten 500 Fälle" "The latest 500 cases" }
members_csv { "Zaken als CSV" "Dossiers en CSV" "Fälle als CSV" "Cases as CSV" }
why { "Waarom de laatste bij elkaar horen" "Pourquoi les derniers vont ensemble" "Warum die letzten zusammengehören" "Why the latest belong together" }
}
