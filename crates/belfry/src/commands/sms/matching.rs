//! `belfry sms match`: JSON lines in, the same lines out with the template that each text
//! is a mutation of. For measuring: nothing is blocked, stored or counted.

use std::io;
use std::thread;

use belfry_likeness::{Index, Scratch};
use serde_json::{Map, Value};

use crate::cli::SmsMatchArgs;
use crate::commands::judge::{LINE_MAX, lines, write_line};
use crate::commands::{Failure, print_bytes};

/// Lines that are answered before any of them is written.
const BATCH: usize = 4_096;

/// Answers every line of a file or of standard input.
pub(crate) fn matching(args: &SmsMatchArgs) -> Result<(), Failure> {
    let templates = Templates::read(args)?;
    let mut lines = lines(&args.file)?;
    let mut refused = 0;
    loop {
        let batch: Vec<Vec<u8>> = lines.by_ref().take(BATCH).collect::<io::Result<_>>()?;
        if batch.is_empty() {
            break;
        }
        let (written, wrong) = templates.answer(&batch);
        refused += wrong;
        print_bytes(&written)?;
    }
    match refused {
        0 => Ok(()),
        some => Err(Failure::new(format!("{some} lines could not be read; see their `error`"))),
    }
}

struct Templates {
    ids: Vec<Value>,
    index: Index,
}

impl Templates {
    fn read(args: &SmsMatchArgs) -> Result<Self, Failure> {
        let (mut ids, mut texts) = (Vec::new(), Vec::new());
        let named = |line: usize, why: &str| {
            Failure::new(format!("{}, line {line}: {why}", args.templates.display()))
        };
        for (nth, line) in lines(&args.templates)?.enumerate() {
            let line = line?;
            if line.trim_ascii().is_empty() {
                continue;
            }
            let (mut fields, text) = understood(&line).map_err(|why| named(nth + 1, &why))?;
            let id = fields.remove("id").filter(|id| id.is_string() || id.is_number());
            ids.push(id.ok_or_else(|| named(nth + 1, "an `id` is wanted, a string or number"))?);
            texts.push(text);
        }
        Ok(Self { ids, index: Index::new(texts.iter().map(String::as_str)) })
    }

    /// The answers in order, over all processors, and how many lines could not be read.
    fn answer(&self, batch: &[Vec<u8>]) -> (Vec<u8>, usize) {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let shares = batch.chunks(batch.len().div_ceil(threads).max(1));
        thread::scope(|scope| {
            let workers: Vec<_> =
                shares.map(|share| scope.spawn(move || self.answer_share(share))).collect();
            let mut all = (Vec::new(), 0);
            for worker in workers {
                let (written, refused) =
                    worker.join().expect("matching never panics, whatever it is given");
                all.0.extend(written);
                all.1 += refused;
            }
            all
        })
    }

    fn answer_share(&self, share: &[Vec<u8>]) -> (Vec<u8>, usize) {
        let (mut written, mut refused) = (Vec::new(), 0);
        let mut scratch = Scratch::default();
        for line in share.iter().filter(|line| !line.trim_ascii().is_empty()) {
            let fields = match understood(line) {
                Ok((mut fields, text)) => {
                    self.add_answer(&mut fields, &text, &mut scratch);
                    fields
                }
                Err(why) => {
                    refused += 1;
                    Map::from_iter([("error".to_owned(), Value::from(why))])
                }
            };
            write_line(&mut written, &fields);
        }
        (written, refused)
    }

    fn add_answer(&self, fields: &mut Map<String, Value>, text: &str, scratch: &mut Scratch) {
        let (id, why) = match self.index.find(text, scratch) {
            Some(found) => {
                let (_, why) = self.index.compare(found.pattern, text, scratch);
                (self.ids[found.pattern].clone(), Value::from(why.to_string()))
            }
            None => (Value::Null, Value::Null),
        };
        fields.insert("match".to_owned(), id);
        fields.insert("why".to_owned(), why);
    }
}

fn understood(line: &[u8]) -> Result<(Map<String, Value>, String), String> {
    if line.len() > LINE_MAX {
        return Err(format!("the line is longer than {LINE_MAX} octets"));
    }
    let fields: Map<String, Value> =
        serde_json::from_slice(line).map_err(|error| format!("not a JSON object: {error}"))?;
    match fields.get("text").and_then(Value::as_str).map(str::to_owned) {
        Some(text) => Ok((fields, text)),
        None => Err("a `text` is wanted, a string".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAUD: &str = "Douane: uw zending werd tegengehouden, betaal €2,99 via https://a.example";

    fn answers(lines: &[&str]) -> (Vec<Value>, usize) {
        let templates = Templates { ids: vec![Value::from("t1")], index: Index::new([FRAUD]) };
        let batch: Vec<Vec<u8>> = lines.iter().map(|line| line.as_bytes().to_vec()).collect();
        let (written, refused) = templates.answer(&batch);
        let text = String::from_utf8(written).unwrap();
        (text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(), refused)
    }

    #[test]
    fn a_line_comes_out_with_match_and_why() {
        let mutation = FRAUD.replace("a.example", "b.test").to_uppercase();
        let line = serde_json::json!({ "text": mutation, "n": 7 }).to_string();
        let (answers, refused) =
            answers(&[&line, r#"{"text":"tot straks"}"#, "{", r#"{"text":1}"#]);
        assert_eq!(refused, 2);
        assert_eq!(answers[0]["match"], "t1");
        assert_eq!(answers[0]["n"], 7);
        assert!(answers[0]["why"].as_str().unwrap().contains("{link: https://a.example"));
        assert_eq!(answers[1]["match"], Value::Null);
        assert!(answers[2]["error"].as_str().unwrap().contains("not a JSON object"));
        assert!(answers[3]["error"].as_str().unwrap().contains("`text`"));
    }
}
