//! What people read about operators: who is in step, and what can be done with one.

use crate::texts::texts;

texts! { Operators:
operators { "Operatoren" "Opérateurs" "Betreiber" "Operators" }
how {
    "Wie zones laadt en hoe ver elk is. Wat hun resolvers echt doen, vraagt de hub zelf na waar dat is ingesteld."
    "Qui charge les zones et où en est chacun. Ce que leurs résolveurs font vraiment, le centre le vérifie lui-même là où c’est réglé."
    "Wer Zonen lädt und wie weit jeder ist. Was ihre Resolver wirklich tun, prüft die Zentrale selbst, wo das eingestellt ist."
    "Who loads zones, and how far each is. What their resolvers really do, the hub asks itself where that is set."
}
none { "Er is nog geen operator." "Il n’y a pas encore d’opérateur." "Es gibt noch keinen Betreiber." "There is no operator yet." }
zones { "Zones" "Zones" "Zonen" "Zones" }
zone { "Zone" "Zone" "Zone" "Zone" }
newest { "Nieuwste versie" "Dernière version" "Neueste Fassung" "Newest version" }
names { "Namen" "Noms" "Namen" "Names" }
in_step { "bij" "à jour" "aktuell" "in step" }
behind { "loopt achter" "en retard" "im Rückstand" "behind" }
ahead { "loopt voor: alarm" "en avance : alarme" "voraus: Alarm" "ahead: an alarm" }
unknown { "onbekend" "inconnu" "unbekannt" "unknown" }
suspended { "Geschorst sinds" "Suspendu depuis" "Gesperrt seit" "Suspended since" }
server { "Server" "Serveur" "Server" "Server" }
has { "Heeft versie" "A la version" "Hat Fassung" "Has version" }
state { "Stand" "État" "Stand" "State" }
asked { "Vroeg laatst" "A demandé en dernier" "Fragte zuletzt" "Asked last" }
servers_none { "Nog geen server heeft een zone gehaald." "Aucun serveur n’a encore pris de zone." "Noch kein Server hat eine Zone geholt." "No server has taken a zone yet." }
probes { "Wat resolvers doen" "Ce que font les résolveurs" "Was Resolver tun" "What resolvers do" }
median { "helft van de wijzigingen binnen" "la moitié des changements en" "die Hälfte der Änderungen binnen" "half of all changes within" }
addresses { "Zonder handtekening van" "Sans signature depuis" "Ohne Signatur von" "Without a signature from" }
notified { "Krijgt NOTIFY" "Reçoit NOTIFY" "Bekommt NOTIFY" "Gets NOTIFY" }
config { "Configuratie" "Configuration" "Konfiguration" "Configuration" }
config_secret {
    "Hierin staat de sleutel van de operator: geef ze alleen aan hem."
    "La clé de l’opérateur s’y trouve : ne la donnez qu’à lui."
    "Darin steht der Schlüssel des Betreibers: Geben Sie sie nur ihm."
    "The operator’s key is in it: give it to nobody else."
}
software { "Voor" "Pour" "Für" "For" }
show { "Toon" "Afficher" "Anzeigen" "Show" }
suspend { "Schors" "Suspendre" "Sperren" "Suspend" }
resume { "Hervat" "Reprendre" "Fortsetzen" "Resume" }
rotate { "Nieuwe sleutel" "Nouvelle clé" "Neuer Schlüssel" "New key" }
hours { "De oude geldt nog zoveel uur" "L’ancienne vaut encore tant d’heures" "Der alte gilt noch so viele Stunden" "Hours that the old one still holds" }
add { "Een operator toevoegen" "Ajouter un opérateur" "Einen Betreiber hinzufügen" "Add an operator" }
name { "Naam" "Nom" "Name" "Name" }
name_hint { "a-z, 0-9 en -; deel van de naam van zijn zone" "a-z, 0-9 et - ; partie du nom de sa zone" "a-z, 0-9 und -; Teil des Namens seiner Zone" "a-z, 0-9 and -; part of its zone’s name" }
add_addresses { "Adressen zonder handtekening (alleen Unbound)" "Adresses sans signature (Unbound seulement)" "Adressen ohne Signatur (nur Unbound)" "Addresses without a signature (Unbound only)" }
add_notify { "Servers die NOTIFY krijgen, ADRES:POORT" "Serveurs qui reçoivent NOTIFY, ADRESSE:PORT" "Server, die NOTIFY bekommen, ADRESSE:PORT" "Servers that get NOTIFY, ADDRESS:PORT" }
add_probes { "Resolvers om na te vragen, ADRES:POORT" "Résolveurs à vérifier, ADRESSE:PORT" "Resolver zum Nachprüfen, ADRESSE:PORT" "Resolvers to be probed, ADDRESS:PORT" }
said_added { "Toegevoegd: geef de configuratie aan de operator." "Ajouté : donnez la configuration à l’opérateur." "Hinzugefügt: Geben Sie dem Betreiber die Konfiguration." "Added: give the operator its configuration." }
said_rotated { "Er is een nieuwe sleutel: geef de configuratie opnieuw." "Il y a une nouvelle clé : redonnez la configuration." "Es gibt einen neuen Schlüssel: Geben Sie die Konfiguration noch einmal." "There is a new key: give the configuration again." }
said_suspended { "Geschorst: deze operator krijgt niets meer." "Suspendu : cet opérateur ne reçoit plus rien." "Gesperrt: Dieser Betreiber bekommt nichts mehr." "Suspended: this operator gets nothing more." }
said_resumed { "Hervat." "Repris." "Fortgesetzt." "Resumed." }
}
