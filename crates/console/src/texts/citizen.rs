//! What citizens read.

use crate::texts::texts;

texts! { Citizen:
skip {
    "Naar de inhoud"
    "Aller au contenu"
    "Zum Inhalt"
    "Skip to content"
}
switch { "Taal" "Langue" "Sprache" "Language" }
more { "Meer" "Plus" "Mehr" "More" }
home { "Startpagina" "Page d’accueil" "Startseite" "Home page" }
nav_report { "Melden" "Signaler" "Melden" "Report" }
nav_lookup { "Een naam opzoeken" "Chercher un nom" "Einen Namen nachschlagen" "Look a name up" }
nav_objection { "Bezwaar maken" "Contester" "Einspruch erheben" "Object" }
nav_statistics { "Cijfers" "Chiffres" "Zahlen" "Figures" }
nav_warnings { "Waarschuwingen" "Avertissements" "Warnungen" "Warnings" }
nav_record { "Openbaar register" "Registre public" "Öffentliches Register" "Public record" }
record_lead { "Elke blokkering en elke opheffing, in volgorde. Niemand kan er ongemerkt een wijzigen of weglaten." "Chaque blocage et chaque levée, dans l’ordre. Personne ne peut en modifier ou en omettre sans que cela se voie." "Jede Sperre und jede Aufhebung, der Reihe nach. Niemand kann unbemerkt eine ändern oder weglassen." "Every block and every release, in order. Nobody can change or leave one out unseen." }
record_orders { "De laatste" "Les derniers" "Die letzten" "The latest" }
record_number { "Nummer" "Numéro" "Nummer" "Number" }
record_when { "Wanneer" "Quand" "Wann" "When" }
record_act { "Wat" "Quoi" "Was" "What" }
record_block { "Geblokkeerd" "Bloqué" "Gesperrt" "Blocked" }
record_allow { "Nooit te blokkeren" "À ne jamais bloquer" "Nie zu sperren" "Never to be blocked" }
record_release { "Opgeheven" "Levé" "Aufgehoben" "Released" }
record_withheld { "Niet openbaar" "Non public" "Nicht öffentlich" "Not public" }
record_mistake { "Een vergissing: de naam tonen we niet" "Une erreur : le nom n’est pas montré" "Ein Irrtum: Der Name wird nicht gezeigt" "A mistake: the name is not shown" }
record_older { "Ouder" "Plus anciens" "Ältere" "Older" }
record_none { "Er is nog niets." "Il n’y a encore rien." "Es gibt noch nichts." "There is nothing yet." }
record_check { "Zelf nagaan" "Vérifier vous-même" "Selbst nachprüfen" "Check it yourself" }
record_check_text { "Elke regel is een blad van een Merkle-boom (RFC 6962); de wortel is ondertekend. Het bewijs van elke regel staat achter zijn nummer." "Chaque ligne est une feuille d’un arbre de Merkle (RFC 6962) dont la racine est signée. La preuve de chaque ligne est derrière son numéro." "Jede Zeile ist ein Blatt eines Merkle-Baums (RFC 6962), dessen Wurzel signiert ist. Der Beweis jeder Zeile steht hinter ihrer Nummer." "Each line is a leaf of a Merkle tree (RFC 6962) whose root is signed. The proof of each line is behind its number." }
record_checkpoint { "De ondertekende wortel" "La racine signée" "Die signierte Wurzel" "The signed root" }
nav_privacy { "Privacy" "Vie privée" "Datenschutz" "Privacy" }
home_title { "Verdacht bericht?" "Message suspect ?" "Verdächtige Nachricht?" "Suspicious message?" }
home_lead { "Stuur het ons. Wij kijken wat het is en laten gevaarlijke websites blokkeren, ook voor anderen." "Envoyez-le-nous. Nous regardons ce que c’est et faisons bloquer les sites dangereux, pour les autres aussi." "Schicken Sie sie uns. Wir sehen nach, was es ist, und lassen gefährliche Websites sperren, auch für andere." "Send it to us. We look at what it is and have dangerous websites blocked, for others too." }
home_report { "Een bericht melden" "Signaler un message" "Eine Nachricht melden" "Report a message" }
home_report_how { "Een mail, een sms, een link of een schermafbeelding. U hoeft niet te zeggen wie u bent." "Un e-mail, un SMS, un lien ou une capture d’écran. Vous ne devez pas dire qui vous êtes." "Eine Mail, eine SMS, einen Link oder ein Bildschirmfoto. Sie müssen nicht sagen, wer Sie sind." "A mail, a text message, a link or a screenshot. You need not say who you are." }
home_follow { "Uw melding volgen" "Suivre votre signalement" "Ihre Meldung verfolgen" "Follow your report" }
home_lookup { "Is een website geblokkeerd?" "Un site est-il bloqué ?" "Ist eine Website gesperrt?" "Is a website blocked?" }
home_owner { "Is uw website ten onrechte geblokkeerd?" "Votre site est-il bloqué à tort ?" "Ist Ihre Website zu Unrecht gesperrt?" "Is your website blocked by mistake?" }
home_owner_link { "Maak bezwaar tegen een blokkering" "Contester un blocage" "Einspruch gegen eine Sperre erheben" "Object to a block" }
receipt_number { "Nummer" "Numéro" "Nummer" "Number" }
follow_button { "Volg" "Suivre" "Verfolgen" "Follow" }
lookup_name { "Naam of adres van de website" "Nom ou adresse du site" "Name oder Adresse der Website" "Name or address of the website" }
lookup_button { "Zoek op" "Chercher" "Nachschlagen" "Look it up" }
report_title { "Een verdacht bericht melden" "Signaler un message suspect" "Eine verdächtige Nachricht melden" "Report a suspicious message" }
harm_ask { "Hebt u op iets geklikt, iets ingevuld of betaald?" "Avez-vous cliqué, saisi quelque chose ou payé ?" "Haben Sie geklickt, etwas eingegeben oder bezahlt?" "Did you click, type something or pay?" }
harm_why { "Dan helpen we u eerst. Het is niet uw schuld." "Alors nous vous aidons d’abord. Ce n’est pas votre faute." "Dann helfen wir Ihnen zuerst. Es ist nicht Ihre Schuld." "Then we help you first. It is not your fault." }
harm_no { "Nee, niets" "Non, rien" "Nein, nichts" "No, nothing" }
harm_clicked { "Ik heb geklikt" "J’ai cliqué" "Ich habe geklickt" "I clicked" }
harm_typed { "Ik heb iets ingevuld" "J’ai saisi quelque chose" "Ich habe etwas eingegeben" "I typed something" }
harm_paid { "Ik heb betaald" "J’ai payé" "Ich habe bezahlt" "I paid" }
harm_now { "Doe dit eerst" "Faites d’abord ceci" "Tun Sie das zuerst" "Do this first" }
harm_card { "Laat uw kaarten meteen blokkeren." "Faites bloquer vos cartes tout de suite." "Lassen Sie Ihre Karten sofort sperren." "Have your cards blocked at once." }
harm_bank { "Bel uw bank: zij kan een betaling soms nog tegenhouden." "Appelez votre banque : elle peut parfois encore arrêter un paiement." "Rufen Sie Ihre Bank an: Sie kann eine Zahlung manchmal noch stoppen." "Call your bank: it can sometimes still stop a payment." }
harm_password { "Verander het wachtwoord dat u invulde, overal waar u het gebruikt." "Changez le mot de passe que vous avez saisi, partout où vous l’utilisez." "Ändern Sie das eingegebene Passwort, überall, wo Sie es verwenden." "Change the password that you typed, everywhere you use it." }
harm_click { "Sluit de pagina. Vulde u niets in en installeerde u niets, dan is er meestal niets gebeurd." "Fermez la page. Si vous n’avez rien saisi ni installé, il ne s’est en général rien passé." "Schließen Sie die Seite. Wenn Sie nichts eingegeben und nichts installiert haben, ist meist nichts passiert." "Close the page. If you typed nothing and installed nothing, mostly nothing has happened." }
harm_police { "Doe aangifte bij uw lokale politie." "Portez plainte auprès de votre police locale." "Erstatten Sie Anzeige bei Ihrer örtlichen Polizei." "Report it to your local police." }
harm_not_you { "Meld daarna het bericht hieronder: zo beschermt u anderen." "Signalez ensuite le message ci-dessous : vous protégez ainsi les autres." "Melden Sie danach die Nachricht unten: So schützen Sie andere." "Then report the message below: that protects others." }
form_doubt { "We konden niet zien dat een mens dit stuurde. Wacht enkele seconden en verstuur het opnieuw." "Nous n’avons pas pu voir qu’une personne a envoyé ceci. Attendez quelques secondes et renvoyez-le." "Wir konnten nicht erkennen, dass ein Mensch das geschickt hat. Warten Sie einige Sekunden und senden Sie es erneut." "We could not see that a person sent this. Wait some seconds and send it again." }
report_what { "Wat kreeg u?" "Qu’avez-vous reçu ?" "Was haben Sie bekommen?" "What did you get?" }
report_text { "De link of de tekst" "Le lien ou le texte" "Der Link oder der Text" "The link or the text" }
report_text_hint { "Plak de link, of de hele tekst van de sms of het bericht." "Collez le lien, ou tout le texte du SMS ou du message." "Fügen Sie den Link ein, oder den ganzen Text der SMS oder Nachricht." "Paste the link, or the whole text of the message." }
report_file { "Of een bestand" "Ou un fichier" "Oder eine Datei" "Or a file" }
report_file_hint { "De bewaarde mail (.eml of .msg) of een schermafbeelding, hooguit 25 MB." "L’e-mail enregistré (.eml ou .msg) ou une capture d’écran, 25 Mo au plus." "Die gespeicherte Mail (.eml oder .msg) oder ein Bildschirmfoto, höchstens 25 MB." "The saved mail (.eml or .msg) or a screenshot, at most 25 MB." }
report_button { "Verstuur" "Envoyer" "Senden" "Send" }
report_private { "We vragen niet wie u bent. Wat u stuurt, wordt versleuteld bewaard." "Nous ne demandons pas qui vous êtes. Ce que vous envoyez est conservé chiffré." "Wir fragen nicht, wer Sie sind. Was Sie senden, wird verschlüsselt aufbewahrt." "We do not ask who you are. What you send is kept encrypted." }
receipt_title { "Uw melding" "Votre signalement" "Ihre Meldung" "Your report" }
receipt_thanks { "Dank u. Uw melding is bij ons." "Merci. Votre signalement est chez nous." "Danke. Ihre Meldung ist bei uns." "Thank you. We have your report." }
receipt_received { "Ontvangen" "Reçu le" "Eingegangen" "Received" }
receipt_keep { "Bewaar dit nummer of deze pagina: zo ziet u later wat ervan werd." "Gardez ce numéro ou cette page : vous verrez ainsi plus tard ce qui en est advenu." "Behalten Sie diese Nummer oder Seite: So sehen Sie später, was daraus wurde." "Keep this number or this page: it shows later what became of it." }
receipt_unread { "We lezen het nu." "Nous le lisons maintenant." "Wir lesen sie gerade." "We are reading it now." }
receipt_nothing { "Er stond niets in dat we konden nakijken." "Il ne contenait rien que nous puissions vérifier." "Darin stand nichts, was wir prüfen konnten." "There was nothing in it that we could check." }
outcome_open { "We kijken ernaar. Klik intussen nergens op." "Nous l’examinons. En attendant, ne cliquez sur rien." "Wir sehen es uns an. Klicken Sie inzwischen nichts an." "We are looking at it. Click nothing meanwhile." }
outcome_blocked { "Het was gevaarlijk en is geblokkeerd." "C’était dangereux et c’est bloqué." "Es war gefährlich und ist gesperrt." "It was dangerous and is blocked." }
outcome_benign { "We vonden er niets gevaarlijks aan." "Nous n’y avons rien trouvé de dangereux." "Wir haben daran nichts Gefährliches gefunden." "We found nothing dangerous about it." }
outcome_released { "Het was geblokkeerd; de blokkering is voorbij." "C’était bloqué ; le blocage est terminé." "Es war gesperrt; die Sperre ist vorbei." "It was blocked; the block has ended." }
outcome_closed { "We hebben het bekeken. Het kan niet geblokkeerd worden; wees er zelf voorzichtig mee." "Nous l’avons examiné. Cela ne peut pas être bloqué ; soyez prudent." "Wir haben es geprüft. Es kann nicht gesperrt werden; seien Sie selbst vorsichtig." "We looked at it. It can’t be blocked; be careful with it yourself." }
receipt_after { "Dat gebeurde na" "Cela s’est fait après" "Das geschah nach" "That took" }
receipt_others { "Aantal meldingen hiervan, met de uwe:" "Nombre de signalements, le vôtre compris :" "Zahl der Meldungen, mit Ihrer:" "Number of reports of it, with yours:" }
receipt_answers { "Tegengehouden bezoeken:" "Visites arrêtées :" "Verhinderte Besuche:" "Visits stopped:" }
under_a_minute { "minder dan een minuut" "moins d’une minute" "weniger als einer Minute" "less than a minute" }
minutes { "{} minuten" "{} minutes" "{} Minuten" "{} minutes" }
hours { "{} uur" "{} heures" "{} Stunden" "{} hours" }
signs { "Waaraan u het kon zien" "Ce qui l’a trahi" "Woran man es erkennt" "What gave it away" }
sign_link_lies { "De tekst van een link noemde een ander adres dan waar hij naartoe gaat." "Le texte d’un lien indiquait une autre adresse que celle où il mène." "Der Text eines Links nannte eine andere Adresse als die, zu der er führt." "The text of a link named another address than the one it leads to." }
sign_call { "Het bericht dringt aan om op een link te klikken." "Le message pousse à cliquer sur un lien." "Die Nachricht drängt dazu, auf einen Link zu klicken." "The message urges you to click on a link." }
sign_sender { "De afzender is niet wie hij zegt te zijn." "L’expéditeur n’est pas celui qu’il prétend être." "Der Absender ist nicht, wer er zu sein behauptet." "The sender is not who it says it is." }
lookup_unreadable { "Dit is geen naam van een website." "Ce n’est pas le nom d’un site." "Das ist kein Name einer Website." "This is no name of a website." }
lookup_blocked { "Deze naam is geblokkeerd" "Ce nom est bloqué" "Dieser Name ist gesperrt" "This name is blocked" }
lookup_free { "Deze naam is niet geblokkeerd" "Ce nom n’est pas bloqué" "Dieser Name ist nicht gesperrt" "This name is not blocked" }
lookup_free_means { "Dat zegt niet dat hij veilig is. Twijfelt u? Meld hem." "Cela ne veut pas dire qu’il est sûr. Un doute ? Signalez-le." "Das heißt nicht, dass er sicher ist. Im Zweifel: melden Sie ihn." "That does not say that it is safe. In doubt? Report it." }
lookup_what { "Waarover" "Objet" "Worüber" "About" }
lookup_why { "Waarom" "Pourquoi" "Warum" "Why" }
lookup_since { "Sinds" "Depuis" "Seit" "Since" }
lookup_until { "Uiterlijk tot" "Au plus tard jusqu’au" "Spätestens bis" "Until at the latest" }
lookup_order { "Nummer van de blokkering" "Numéro du blocage" "Nummer der Sperre" "Order number" }
why_phishing { "Phishing: de website probeert uw gegevens te stelen" "Hameçonnage : le site essaie de voler vos données" "Phishing: Die Website will Ihre Daten stehlen" "Phishing: it tries to steal your data" }
why_malware { "Malware: de website verspreidt schadelijke software" "Logiciel malveillant : le site diffuse des programmes nuisibles" "Schadsoftware: Die Website verbreitet schädliche Programme" "Malware: it spreads harmful software" }
why_fake_shop { "Valse webwinkel" "Fausse boutique en ligne" "Falscher Webshop" "Fake web shop" }
why_other_fraud { "Oplichting" "Fraude" "Betrug" "Fraud" }
objection_lead { "Leg uit waarom de blokkering fout is. Iemand anders dan wie ze besliste, kijkt ernaar, als het kan binnen vier uur, en geeft u redenen." "Expliquez pourquoi le blocage est une erreur. Une autre personne que celle qui l’a décidé l’examine, si possible en quatre heures, et vous donne ses raisons." "Erklären Sie, warum die Sperre falsch ist. Eine andere Person als die, die sie beschlossen hat, prüft es, möglichst in vier Stunden, und nennt Ihnen Gründe." "Say why the block is wrong. Another person than the one who decided it looks at it, within four hours if we can, and gives you reasons." }
objection_words { "Waarom is het fout?" "Pourquoi est-ce une erreur ?" "Warum ist es falsch?" "Why is it wrong?" }
objection_contact { "Uw mailadres (niet nodig)" "Votre adresse e-mail (facultatif)" "Ihre Mailadresse (nicht nötig)" "Your mail address (not needed)" }
objection_contact_hint { "Alleen voor vragen hierover; het wordt gewist zodra er beslist is." "Uniquement pour des questions à ce sujet ; elle est effacée dès la décision." "Nur für Rückfragen; sie wird mit der Entscheidung gelöscht." "Only for questions about this; it is erased once it is decided." }
objection_button { "Dien het bezwaar in" "Déposer la contestation" "Einspruch einreichen" "Send the objection" }
objection_sms { "Mijn sms’en worden geweigerd" "Mes SMS sont refusés" "Meine SMS werden abgewiesen" "My SMS are refused" }
objection_sms_sender { "Nummer of naam waarmee u verstuurt" "Numéro ou nom de l’expéditeur" "Nummer oder Name, womit Sie senden" "Number or name that you send with" }
objection_sms_text { "Volledige tekst van de sms" "Texte entier du SMS" "Ganzer Text der SMS" "Whole text of the SMS" }
objection_title { "Uw bezwaar" "Votre contestation" "Ihr Einspruch" "Your objection" }
objection_keep { "Bewaar dit nummer of deze pagina: hier leest u het antwoord." "Gardez ce numéro ou cette page : vous y lirez la réponse." "Behalten Sie diese Nummer oder Seite: Hier lesen Sie die Antwort." "Keep this number or this page: the answer will be here." }
objection_open { "We kijken ernaar." "Nous l’examinons." "Wir prüfen ihn." "We are looking at it." }
objection_granted { "U kreeg gelijk. Een blokkering is opgeheven." "Vous avez obtenu gain de cause. Tout blocage est levé." "Ihnen wurde recht gegeben. Eine Sperre ist aufgehoben." "You were right. Any block is lifted." }
objection_rejected { "De blokkering blijft." "Le blocage reste." "Die Sperre bleibt." "The block stays." }
figure_reports { "Meldingen" "Signalements" "Meldungen" "Reports" }
figure_blocked { "Nu geblokkeerde namen" "Noms bloqués maintenant" "Jetzt gesperrte Namen" "Names blocked now" }
figure_answers { "Geblokkeerde antwoorden" "Réponses bloquées" "Gesperrte Antworten" "Blocked answers" }
figure_prevented { "Bezoeken voorkomen" "Visites évitées" "Verhinderte Besuche" "Visits prevented" }
figure_views { "Keren de waarschuwing getoond" "Affichages de l’avertissement" "Anzeigen der Warnung" "Views of the warning" }
figure_blocks { "Nieuwe blokkeringen" "Nouveaux blocages" "Neue Sperren" "New blocks" }
plot_reports { "Meldingen per dag" "Signalements par jour" "Meldungen je Tag" "Reports a day" }
plot_blocks { "Nieuwe blokkeringen per dag" "Nouveaux blocages par jour" "Neue Sperren je Tag" "New blocks a day" }
plot_most { "Hoogste:" "Maximum :" "Höchstwert:" "Most:" }
by_day { "Per dag, de laatste dertig dagen" "Par jour, les trente derniers jours" "Je Tag, die letzten dreißig Tage" "By day, the last thirty days" }
day { "Dag" "Jour" "Tag" "Day" }
small_counts { "Aantallen onder tien tonen we niet: ze zouden iets over iemand kunnen zeggen." "Nous ne montrons pas les nombres inférieurs à dix : ils pourraient révéler quelque chose sur quelqu’un." "Zahlen unter zehn zeigen wir nicht: Sie könnten etwas über jemanden verraten." "Counts below ten are not shown: they could tell something about someone." }
privacy_pages { "Deze pagina’s" "Ces pages" "Diese Seiten" "These pages" }
privacy_pages_text { "Ze houden niet bij wie ze leest. Kiest u een taal, dan onthoudt een cookie alleen die taal. Er is niets van anderen op deze pagina’s." "Elles n’enregistrent pas qui les lit. Si vous choisissez une langue, un cookie retient seulement cette langue. Rien sur ces pages ne vient de tiers." "Sie halten nicht fest, wer sie liest. Wählen Sie eine Sprache, merkt sich ein Cookie nur diese Sprache. Auf diesen Seiten ist nichts von Dritten." "They do not record who reads them. If you choose a language, a cookie remembers only that. Nothing on these pages comes from others." }
privacy_reports { "Uw melding" "Votre signalement" "Ihre Meldung" "Your report" }
privacy_reports_text { "Wat u stuurt, wordt versleuteld bewaard en alleen gelezen om gevaar te vinden. Wie ernaar kijkt, komt in een logboek." "Ce que vous envoyez est conservé chiffré et lu seulement pour trouver le danger. Toute consultation est inscrite dans un journal." "Was Sie senden, wird verschlüsselt aufbewahrt und nur gelesen, um Gefahr zu finden. Wer es ansieht, steht in einem Protokoll." "What you send is kept encrypted and read only to find danger. Whoever looks at it is in a log." }
privacy_reports_kept { "Daarna wordt het gewist, op een vaste termijn; wissen is het vernietigen van de sleutel." "Ensuite il est effacé, dans un délai fixe ; effacer, c’est détruire la clé." "Danach wird es nach fester Frist gelöscht; Löschen heißt, den Schlüssel zu vernichten." "After that it is erased, on a fixed term; erasing is destroying the key." }
privacy_objections { "Uw bezwaar" "Votre contestation" "Ihr Einspruch" "Your objection" }
privacy_objections_text { "Uw woorden worden na de beslissing gewist, op een vaste termijn. Uw mailadres wordt gewist zodra er beslist is." "Vos mots sont effacés après la décision, dans un délai fixe. Votre adresse e-mail est effacée dès la décision." "Ihre Worte werden nach der Entscheidung nach fester Frist gelöscht. Ihre Mailadresse wird mit der Entscheidung gelöscht." "Your words are erased on a fixed term after the decision. Your mail address is erased once it is decided." }
privacy_dns { "Wat u bezoekt" "Ce que vous visitez" "Was Sie besuchen" "What you visit" }
privacy_dns_text { "Wij weten niet wat u bezoekt. Uw operator telt alleen hoe vaak een naam werd tegengehouden." "Nous ne savons pas ce que vous visitez. Votre opérateur compte seulement combien de fois un nom a été arrêté." "Wir wissen nicht, was Sie besuchen. Ihr Betreiber zählt nur, wie oft ein Name verhindert wurde." "We do not know what you visit. Your operator only counts how often a name was stopped." }
privacy_rights { "Uw rechten" "Vos droits" "Ihre Rechte" "Your rights" }
privacy_rights_text { "Met het nummer van uw melding kunt u vragen om ze te wissen." "Avec le numéro de votre signalement, vous pouvez demander de l’effacer." "Mit der Nummer Ihrer Meldung können Sie ihre Löschung verlangen." "With the number of your report you can ask to have it erased." }
}
