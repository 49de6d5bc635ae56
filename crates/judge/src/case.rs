//! A case: what its most telling report says of what the case is about, and how many
//! proven people reported it. Forged senders must not get a rival blocked, so reports
//! that nobody stands behind add nothing.

use belfry_indicator::{Suffixes, Url};
use belfry_reading::{Link, Reading};
use serde::{Deserialize, Serialize};

use crate::assessment::{Assessment, Reason};
use crate::judge::Judge;
use crate::mail;
use crate::text::text_features;

/// What the words of an SMS count beside its link, and at most.
const SMS_WORDS: f64 = 0.5;
const SMS_WORDS_MOST: f64 = 2.5;
/// What one doubling of proven reporters adds, and at most.
const CROWD: f64 = 0.35;
const CROWD_MOST: f64 = 1.5;

/// What the bytes of a report were.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Content {
    /// A mail.
    Mail,
    /// An SMS.
    Sms,
    /// One URL.
    Url,
}

/// What one report says of one case: the features that are stored, by name and number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// What the report is.
    pub content: Content,
    /// Whether a link of it was judged; else its message was.
    pub link: bool,
    /// What was found, without the reporters.
    pub features: Vec<Reason>,
}

impl Evidence {
    /// The sum of its features: which of two reports says more.
    pub fn strength(&self) -> f64 {
        self.features.iter().map(|feature| feature.weight).sum()
    }
}

/// How many stand behind a case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowd {
    /// Reporters proven to be who they say (SPF or DKIM), each once.
    pub proven: u64,
}

impl Judge {
    /// What `reading` says of a case that `links` of it led to; without any, of itself.
    pub fn evidence(
        &self,
        reading: &Reading,
        content: Content,
        links: &[&Link],
        suffixes: &impl Suffixes,
    ) -> Evidence {
        let judged = links.iter().filter_map(|link| {
            let url = Url::parse(link.url.as_str()).ok()?;
            Some((*link, self.url(&url, suffixes)))
        });
        let worst = judged.max_by(|a, b| a.1.score.total_cmp(&b.1.score));
        let link = worst.is_some();
        let mut features = match worst {
            Some((link, judged)) => {
                let mut features = judged.reasons;
                features.extend(self.around(reading, link, content, suffixes));
                features
            }
            None => self.message(reading, content, suffixes).reasons,
        };
        for feature in &mut features {
            feature.weight = stored(feature.weight);
        }
        Evidence { content, link, features }
    }

    /// What the message around a link says.
    fn around(
        &self,
        reading: &Reading,
        link: &Link,
        content: Content,
        suffixes: &impl Suffixes,
    ) -> Vec<Reason> {
        let words = || self.text_odds(&text_features(&reading.text, reading.links.len(), None));
        match content {
            Content::Mail => {
                let (weights, known) = (self.mail_weights(), self.known(suffixes));
                mail::message(reading, Some(link), words(), weights, &known)
            }
            Content::Sms => {
                let weight = (SMS_WORDS * words()).clamp(-SMS_WORDS_MOST, SMS_WORDS_MOST);
                vec![mail::words(weight)]
            }
            Content::Url => Vec::new(),
        }
    }

    fn message(&self, reading: &Reading, content: Content, suffixes: &impl Suffixes) -> Assessment {
        match content {
            Content::Mail => self.mail(reading, suffixes),
            Content::Sms | Content::Url => self.sms(reading, suffixes),
        }
    }

    /// A case's assessment: its evidence, what was seen of its page, and its crowd. The same for the same question,
    /// on every machine.
    pub fn case(&self, evidence: &Evidence, page: &[Reason], crowd: Crowd) -> Assessment {
        let mut reasons = evidence.features.clone();
        reasons.extend(page.iter().cloned());
        if crowd.proven > 0 {
            reasons.push(by_crowd(crowd.proven));
        }
        let (phishing, benign) = match (evidence.link, evidence.content) {
            (true, _) => self.url_thresholds(),
            (false, Content::Mail) => self.mail_weights().thresholds,
            (false, Content::Sms | Content::Url) => self.text_thresholds(),
        };
        Assessment::new(reasons, phishing, benign)
    }
}

/// A weight in millionths: what JSON gives back exactly, with no digit too many.
fn stored(weight: f64) -> f64 {
    (weight * 1e6).round() / 1e6
}

fn by_crowd(proven: u64) -> Reason {
    let counted = u32::try_from(proven).unwrap_or(u32::MAX);
    let weight = (CROWD * (1.0 + f64::from(counted)).log2()).min(CROWD_MOST);
    let why = match proven {
        1 => "one proven reporter stands behind it".to_owned(),
        many => format!("{many} proven reporters stand behind it"),
    };
    Reason { name: "reporters".to_owned(), why, weight }
}

#[cfg(test)]
mod tests {
    use belfry_indicator::EmbeddedSuffixes;
    use belfry_reading::{Limits, read_sms};

    use super::*;

    const TEXT: &str =
        "Uw bankkaart vervalt. Bevestig uw gegevens: https://belfius-kaart.top/nl?id=1";

    fn read(text: &str) -> Reading {
        read_sms(text.as_bytes(), &EmbeddedSuffixes, &Limits::default())
    }

    fn evidence(text: &str, content: Content, with_links: bool) -> Evidence {
        let reading = read(text);
        let links: Vec<&Link> = reading.links.iter().filter(|_| with_links).collect();
        Judge::built_in().evidence(&reading, content, &links, &EmbeddedSuffixes)
    }

    #[test]
    fn the_link_is_told_in_full_and_the_words_once() {
        let found = evidence(TEXT, Content::Sms, true);
        let names: Vec<_> = found.features.iter().map(|one| one.name.as_str()).collect();
        assert!(found.link && names.contains(&"brand"), "{names:?}");
        assert_eq!(names.iter().filter(|name| **name == "words").count(), 1);
        let url = evidence(TEXT, Content::Url, true);
        assert!(url.features.iter().all(|one| one.name != "words"));
    }

    #[test]
    fn a_message_without_links_is_judged_itself() {
        let found = evidence("Hoi mama, dit is mijn nieuwe nummer", Content::Sms, false);
        assert!(!found.link && found.features.iter().any(|one| one.name == "words"));
        assert!(!evidence("hello", Content::Mail, false).link);
    }

    #[test]
    fn evidence_weighed_again_gives_the_same_assessment() {
        let (judge, found) = (Judge::built_in(), evidence(TEXT, Content::Sms, true));
        let crowd = Crowd { proven: 3 };
        let first = judge.case(&found, &[], crowd);
        let stored = serde_json::to_string(&found).unwrap();
        let again: Evidence = serde_json::from_str(&stored).unwrap();
        assert_eq!(judge.case(&again, &[], crowd), first);
        assert_eq!(evidence(TEXT, Content::Sms, true), found);
        assert!((first.log_odds() - found.strength() - 0.7).abs() < 1e-9);
        let page = [Reason { name: "page-money".into(), why: "a card".into(), weight: 1.0 }];
        let with = judge.case(&found, &page, crowd);
        assert!((with.log_odds() - first.log_odds() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn only_proven_reporters_weigh_and_not_without_bound() {
        let weight = |proven| by_crowd(proven).weight;
        assert!((weight(1) - CROWD).abs() < 1e-9 && weight(3) > weight(1));
        assert_eq!(weight(u64::MAX), CROWD_MOST);
        let judge = Judge::built_in();
        let found = evidence(TEXT, Content::Sms, true);
        let none = judge.case(&found, &[], Crowd::default());
        assert!(none.reasons.iter().all(|reason| reason.name != "reporters"));
    }
}
