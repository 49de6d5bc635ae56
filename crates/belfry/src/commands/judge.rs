//! `belfry judge`: JSON lines in, the same lines out with a score and its reasons.
//!
//! Nothing is opened, looked up or stored. A line that can't be judged comes out with
//! an `error`, and the command ends with 1 after the last line.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::thread;

use belfry_desk::reader::{ReadJob, ReaderPool};
use belfry_indicator::{EmbeddedSuffixes, Url};
use belfry_judge::{Assessment, Judge, Opinion, Reason};
use belfry_reading::Reading;
use serde_json::{Map, Value};

use crate::cli::JudgeArgs;
use crate::commands::read::take_file;
use crate::commands::{Failure, print_bytes};
use crate::config::{Reader, brands};
use crate::hub::reader_settings;

/// Lines that are judged before any of them is written.
const BATCH: usize = 4_096;
/// Octets of the longest line; an SMS or URL is far shorter, a mail stays in its file.
pub(crate) const LINE_MAX: usize = 1 << 20;

/// What one line asks for.
enum Question {
    Url(String),
    Sms(Box<Reading>),
    Mail(Box<Reading>),
    Refused(String),
}

/// Judges every line of a file or of standard input.
pub(crate) async fn judge(args: &JudgeArgs) -> Result<(), Failure> {
    let mut judge = Judge::built_in();
    if let Some(file) = &args.brands {
        judge = judge.with_brands(brands(file)?);
    }
    let mut pool = None;
    let mut lines = lines(&args.file)?;
    let mut refused = 0usize;
    loop {
        let batch: Vec<Vec<u8>> = lines.by_ref().take(BATCH).collect::<io::Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        let mut asked = Vec::with_capacity(batch.len());
        for line in batch.iter().filter(|line| !line.trim_ascii().is_empty()) {
            asked.push(question(line, &mut pool).await?);
        }
        let (written, wrong) = answers(&judge, asked);
        refused += wrong;
        print_bytes(&written)?;
    }
    match refused {
        0 => Ok(()),
        some => Err(Failure::new(format!("{some} lines could not be judged; see their `error`"))),
    }
}

/// The lines of a file or of standard input, each cut after [`LINE_MAX`] octets.
pub(crate) fn lines(file: &Path) -> Result<impl Iterator<Item = io::Result<Vec<u8>>>, Failure> {
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let named = |error| Failure::new(format!("{}: {error}", file.display()));
        Box::new(std::fs::File::open(file).map_err(named)?)
    };
    let mut input = BufReader::new(input);
    Ok(std::iter::from_fn(move || line(&mut input).transpose()))
}

/// One line without its end, cut after [`LINE_MAX`] octets.
fn line(input: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let most = LINE_MAX as u64 + 1;
    if input.take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() > LINE_MAX && !line.ends_with(b"\n") {
        input.skip_until(b'\n')?;
    }
    Ok(Some(line))
}

/// What a line asks for, with its mail or SMS read by the bounded child.
async fn question(
    line: &[u8],
    pool: &mut Option<ReaderPool>,
) -> Result<(Map<String, Value>, Question), Failure> {
    let (fields, asked) = match understood(line) {
        Ok(understood) => understood,
        Err(why) => return Ok((Map::new(), Question::Refused(why))),
    };
    let job = match asked {
        Asked::Url(url) => return Ok((fields, Question::Url(url))),
        Asked::Sms(text) => ReadJob::Sms(text.into_bytes()),
        Asked::Mail(file) => match take_file(Path::new(&file)) {
            Ok(bytes) => ReadJob::Mail(bytes),
            Err(Failure(why)) => return Ok((fields, Question::Refused(why))),
        },
    };
    let pool = match pool {
        Some(pool) => pool,
        None => pool.insert(ReaderPool::new(reader_settings(&Reader::default())?)),
    };
    let is_sms = matches!(job, ReadJob::Sms(_));
    let asked = match pool.read_surviving(job).await {
        Ok((reading, _)) if is_sms => Question::Sms(Box::new(reading)),
        Ok((reading, _)) => Question::Mail(Box::new(reading)),
        // One hostile line must not cost the others their answers.
        Err(error) => Question::Refused(error.to_string()),
    };
    Ok((fields, asked))
}

enum Asked {
    Url(String),
    Sms(String),
    Mail(String),
}

fn understood(line: &[u8]) -> Result<(Map<String, Value>, Asked), String> {
    if line.len() > LINE_MAX {
        return Err(format!("the line is longer than {LINE_MAX} octets"));
    }
    let fields: Map<String, Value> =
        serde_json::from_slice(line).map_err(|error| format!("not a JSON object: {error}"))?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let asked = match (text("url"), text("sms"), text("eml")) {
        (Some(url), None, None) => Asked::Url(url),
        (None, Some(sms), None) => Asked::Sms(sms),
        (None, None, Some(eml)) => Asked::Mail(eml),
        _ => return Err("exactly one of `url`, `sms` and `eml` is wanted, as a string".to_owned()),
    };
    Ok((fields, asked))
}

/// The lines with their answers, in order, and how many were refused.
fn answers(judge: &Judge, asked: Vec<(Map<String, Value>, Question)>) -> (Vec<u8>, usize) {
    let refused = asked.iter().filter(|(_, asked)| matches!(asked, Question::Refused(_))).count();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let share = asked.len().div_ceil(threads).max(1);
    let mut asked = asked;
    let written = thread::scope(|scope| {
        let workers: Vec<_> = asked
            .chunks_mut(share)
            .map(|chunk| scope.spawn(move || answer_all(judge, chunk)))
            .collect();
        let join = |worker: thread::ScopedJoinHandle<'_, Vec<u8>>| {
            worker.join().expect("judging never panics, whatever it is given")
        };
        workers.into_iter().map(join).collect::<Vec<_>>().concat()
    });
    (written, refused)
}

fn answer_all(judge: &Judge, asked: &mut [(Map<String, Value>, Question)]) -> Vec<u8> {
    let mut written = Vec::with_capacity(asked.len() * 512);
    for (fields, question) in asked {
        let assessment = match question {
            Question::Url(text) => url(judge, text),
            Question::Sms(reading) => judge.sms(reading, &EmbeddedSuffixes),
            Question::Mail(reading) => judge.mail(reading, &EmbeddedSuffixes),
            Question::Refused(why) => {
                fields.insert("error".to_owned(), Value::from(std::mem::take(why)));
                write_line(&mut written, fields);
                continue;
            }
        };
        let Ok(Value::Object(judged)) = serde_json::to_value(assessment) else { continue };
        fields.extend(judged);
        write_line(&mut written, fields);
    }
    written
}

pub(crate) fn write_line(written: &mut Vec<u8>, fields: &Map<String, Value>) {
    serde_json::to_writer(&mut *written, fields).expect("a JSON object is written to memory");
    let _ = written.write_all(b"\n");
}

/// Judges a URL; one without a scheme as a browser's address bar takes it.
fn url(judge: &Judge, text: &str) -> Assessment {
    let text = text.trim();
    let parsed =
        if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) };
    match parsed {
        Ok(url) => judge.url(&url, &EmbeddedSuffixes),
        Err(error) => Assessment {
            score: 0.5,
            verdict: Opinion::Undecidable,
            reasons: vec![Reason {
                name: "unreadable".to_owned(),
                why: error.to_string(),
                weight: 0.0,
            }],
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expect: &str) {
        let found = understood(line.as_bytes()).map(|_| ()).unwrap_err();
        assert!(found.contains(expect), "{line}: {found}");
    }

    #[test]
    fn a_line_says_exactly_one_thing() {
        assert!(understood(br#"{"url":"https://a.example","id":7}"#).is_ok());
        check("{", "not a JSON object");
        check("[]", "not a JSON object");
        check("{}", "exactly one of");
        check(r#"{"url":"a.example","sms":"b"}"#, "exactly one of");
        check(r#"{"url":1}"#, "exactly one of");
    }

    #[tokio::test]
    async fn a_mail_that_can_not_be_taken_costs_its_own_line_only() {
        for line in [r#"{"eml":"/none/there.eml","id":1}"#, r#"{"eml":"/"}"#, r#"{"eml":"-"}"#] {
            let (fields, asked) = question(line.as_bytes(), &mut None).await.unwrap();
            assert!(matches!(asked, Question::Refused(_)), "{line}");
            assert!(fields.contains_key("eml"), "{line}");
        }
    }

    #[test]
    fn long_lines_are_cut_and_the_next_is_whole() {
        let text = [&vec![b'x'; LINE_MAX + 10][..], b"\nnext\n"].concat();
        let mut input = &text[..];
        assert!(line(&mut input).unwrap().unwrap().len() > LINE_MAX);
        assert_eq!(line(&mut input).unwrap().unwrap(), b"next\n");
        assert_eq!(line(&mut input).unwrap(), None);
    }

    #[test]
    fn what_is_no_url_is_undecidable_not_lost() {
        let judge = Judge::built_in();
        assert_eq!(url(&judge, "http://[").verdict, Opinion::Undecidable);
        assert_eq!(url(&judge, "shop.example/a"), url(&judge, "http://shop.example/a"));
    }
}
