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
rules_how {
    "Regels die personen stellen, doen wat duidelijk is. Een nieuwe regel is uit; eerst kijkt ze mee in de schaduw, dan pas handelt ze."
    "Les règles fixées par des personnes font ce qui est clair. Une nouvelle règle est éteinte ; elle observe d’abord dans l’ombre, puis seulement elle agit."
    "Regeln, die Personen setzen, tun das Klare. Eine neue Regel ist aus; erst sieht sie im Schatten zu, dann erst handelt sie."
    "Rules that persons set do what is clear. A new rule is off; first it watches in the shadow, only then it acts."
}
rules_none { "Er is nog geen regel." "Il n’y a pas encore de règle." "Es gibt noch keine Regel." "There is no rule yet." }
version { "Versie" "Version" "Fassung" "Version" }
mode_off { "Uit" "Éteinte" "Aus" "Off" }
mode_shadow { "In de schaduw" "Dans l’ombre" "Im Schatten" "In the shadow" }
mode_live { "Handelt" "Agit" "Handelt" "Acts" }
set_mode { "Zet op" "Mettre sur" "Setzen auf" "Set to" }
rule_report { "Wat ze gedaan zou hebben" "Ce qu’elle aurait fait" "Was sie getan hätte" "What it would have done" }
report_days { "in de laatste 14 dagen" "ces 14 derniers jours" "in den letzten 14 Tagen" "in the last 14 days" }
report_cases { "Zaken geopend" "Dossiers ouverts" "Fälle eröffnet" "Cases opened" }
report_matched { "Voorwaarde geldt" "Condition remplie" "Bedingung erfüllt" "Condition holds" }
report_agreed { "Een persoon vond hetzelfde" "Une personne a trouvé pareil" "Eine Person fand dasselbe" "A person found the same" }
report_disagreed { "Een persoon vond iets anders" "Une personne a trouvé autre chose" "Eine Person fand anderes" "A person found otherwise" }
report_undecided { "Nog door niemand beslist" "Pas encore décidés" "Noch von niemandem entschieden" "Decided by nobody yet" }
report_left { "Aan mensen gelaten" "Laissés aux personnes" "Menschen überlassen" "Left to people" }
report_acts { "Echt gedaan of genoteerd" "Fait ou noté en réalité" "Wirklich getan oder notiert" "Really done, or noted" }
report_failed { "Deze regel is niet te begrijpen." "Cette règle n’est pas compréhensible." "Diese Regel ist nicht verständlich." "This rule is not understood." }
rule_new { "Een regel schrijven" "Écrire une règle" "Eine Regel schreiben" "Write a rule" }
rule_new_how {
    "Een nieuwe versie komt in de plaats van de oude en is uit."
    "Une nouvelle version remplace l’ancienne et est éteinte."
    "Eine neue Fassung ersetzt die alte und ist aus."
    "A new version takes the old one’s place and is off."
}
rule_name { "Naam" "Nom" "Name" "Name" }
rule_name_hint { "Kleine letters, cijfers en streepjes." "Lettres minuscules, chiffres et tirets." "Kleine Buchstaben, Ziffern und Bindestriche." "Small letters, digits and hyphens." }
rule_text { "Tekst" "Texte" "Text" "Text" }
rule_keep { "Bewaar, uit" "Garder, éteinte" "Behalten, aus" "Keep it, off" }
said_kept { "Bewaard; de regel is uit." "Gardée ; la règle est éteinte." "Behalten; die Regel ist aus." "Kept; the rule is off." }
said_mode { "De stand is veranderd." "Le mode a changé." "Der Modus ist geändert." "The mode is changed." }
brake { "Noodrem" "Frein d’urgence" "Notbremse" "Emergency brake" }
brake_how {
    "De rem legt alle regels stil en neemt terug wat ze de laatste tijd blokkeerden; die zaken zijn weer open."
    "Le frein arrête toutes les règles et retire leurs blocages récents ; ces dossiers sont de nouveau ouverts."
    "Die Bremse hält alle Regeln an und nimmt zurück, was sie zuletzt gesperrt haben; diese Fälle sind wieder offen."
    "The brake stops all rules and takes back what they blocked of late; those cases are open again."
}
brake_off { "De rem is los." "Le frein est desserré." "Die Bremse ist gelöst." "The brake is off." }
brake_on { "De rem is aangetrokken: geen regel handelt." "Le frein est serré : aucune règle n’agit." "Die Bremse ist gezogen: Keine Regel handelt." "The brake is pulled: no rule acts." }
brake_minutes { "Neem terug wat in zoveel minuten geblokkeerd werd" "Retirer ce qui a été bloqué en autant de minutes" "Zurücknehmen, was in so vielen Minuten gesperrt wurde" "Take back what was blocked in so many minutes" }
brake_pull { "Trek de rem aan" "Serrer le frein" "Bremse ziehen" "Pull the brake" }
brake_release { "Laat de regels weer handelen" "Laisser les règles agir de nouveau" "Regeln wieder handeln lassen" "Let the rules act again" }
brake_reason { "Waarom" "Pourquoi" "Warum" "Why" }
said_braked { "De rem is aangetrokken; {} zaken zijn weer open, {} vragen een blik." "Le frein est serré ; {} dossiers sont rouverts, {} demandent un regard." "Die Bremse ist gezogen; {} Fälle sind wieder offen, {} brauchen einen Blick." "The brake is pulled; {} cases are open again, {} need a look." }
said_let_go { "De regels handelen weer." "Les règles agissent de nouveau." "Die Regeln handeln wieder." "The rules act again." }
lists_how {
    "Tegen deze lijsten houdt de bewaker elke blokkering. De beheerder stelt ze in de configuratie; een naam die erbij komt, geeft een lopende blokkering meteen vrij."
    "Le garde compare chaque blocage à ces listes. L’administrateur les fixe dans la configuration ; un nom ajouté libère aussitôt un blocage en cours."
    "An diesen Listen misst der Wächter jede Sperre. Der Administrator setzt sie in der Konfiguration; ein neuer Name gibt eine laufende Sperre sofort frei."
    "The guard holds every block against these lists. The administrator sets them in the configuration; a name that is added releases a standing block at once."
}
list { "Lijst" "Liste" "Liste" "List" }
kind { "Soort" "Type" "Art" "Kind" }
names { "Namen" "Noms" "Namen" "Names" }
kind_own { "onze eigen namen: nooit" "nos propres noms : jamais" "unsere eigenen Namen: nie" "our own names: never" }
kind_never { "nooit blokkeren" "ne jamais bloquer" "nie sperren" "never block" }
kind_two { "twee personen" "deux personnes" "zwei Personen" "two people" }
kind_popular { "veel gebruikt: twee personen" "très utilisés : deux personnes" "viel benutzt: zwei Personen" "used by many: two people" }
kind_old { "al lang in gebruik: twee personen" "utilisés depuis longtemps : deux personnes" "seit langem benutzt: zwei Personen" "in use for long: two people" }
kind_shared { "gedeeld met vreemden: de naam zelf twee personen" "partagés avec des inconnus : le nom même, deux personnes" "mit Fremden geteilt: der Name selbst zwei Personen" "shared with strangers: the name itself two people" }
ask_guard { "Vraag de bewaker naar een naam" "Interroger le garde sur un nom" "Den Wächter nach einem Namen fragen" "Ask the guard about a name" }
ask_button { "Vraag" "Demander" "Fragen" "Ask" }
ask_no_name { "Dit is geen naam." "Ce n’est pas un nom." "Das ist kein Name." "This is no name." }
}
