//! From what a person writes to what a case is about: the same as out of a report.

use belfry_casebook::case::Subject;
use belfry_indicator::{EmbeddedSuffixes, RedactedUrl, Secrets, Url};

use crate::Desk;
use crate::grouping::subject_of_url;

impl Desk {
    /// The subject of a host name or a URL; a name that the guard protects becomes a case of
    /// its URL, as it would out of a report.
    ///
    /// # Errors
    /// Why it is neither, in words.
    pub fn subject_of(&self, text: &str) -> Result<Subject, String> {
        let text = text.trim();
        let written =
            if text.contains("://") { text.to_owned() } else { format!("http://{text}/") };
        let url = Url::parse(&written).map_err(|error| format!("{text:?}: {error}"))?;
        let lists = self.lists();
        let url = RedactedUrl::new(&url, &Secrets::default(), &EmbeddedSuffixes);
        Ok(subject_of_url(&url, &lists, &EmbeddedSuffixes))
    }
}

#[cfg(test)]
mod tests {
    use belfry_casebook::{Casebook, Settings};
    use belfry_guard::Lists;
    use belfry_indicator::Domain;
    use belfry_journal::UnixMillis;

    use super::*;
    use crate::DeskSettings;
    use crate::reader::{ReaderPool, ReaderSettings};

    fn now() -> UnixMillis {
        UnixMillis(1_795_510_800_000)
    }

    async fn desk(folder: &tempfile::TempDir) -> Desk {
        let settings = Settings { data: folder.path().to_owned() };
        let casebook = Casebook::open(&settings, now()).await.unwrap();
        let readers = ReaderPool::new(ReaderSettings {
            program: "/bin/false".into(),
            arguments: Vec::new(),
            children: 1,
            job_ms_max: 1_000,
            jobs_max: 1,
        });
        let never = Domain::parse("vital.example").unwrap();
        let lists = Lists::new([], [never], []);
        Desk::open(casebook, lists, readers, DeskSettings::default(), now).await.unwrap()
    }

    #[tokio::test]
    async fn what_a_person_writes_is_what_a_report_would_raise() {
        let folder = tempfile::tempdir().unwrap();
        let desk = desk(&folder).await;
        let host = |text: &str| match desk.subject_of(text) {
            Ok(Subject::Host { host, registrable }) => format!("{host} of {registrable}"),
            Ok(Subject::Url { url, why_not_blockable }) => {
                assert!(why_not_blockable.starts_with("not blockable by DNS"), "{text}");
                format!("url {url}")
            }
            other => format!("{other:?}"),
        };
        for (text, expect) in [
            ("evil.example", "evil.example of evil.example"),
            (" A.Evil.Example ", "a.evil.example of evil.example"),
            ("https://a.evil.example/login?mail=x#y", "a.evil.example of evil.example"),
            ("x.vercel.app", "x.vercel.app of x.vercel.app"),
            ("vercel.app", "url http://vercel.app/"),
            ("https://vital.example/a?b=c", "url https://vital.example/a"),
            ("http://192.0.2.7/x", "url http://192.0.2.7/x"),
        ] {
            assert_eq!(host(text), expect, "{text}");
        }
        for text in ["", "a b", "ftp://", "http://"] {
            assert!(desk.subject_of(text).is_err(), "{text}");
        }
    }
}
