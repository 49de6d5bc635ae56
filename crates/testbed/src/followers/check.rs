//! The end: everyone is in step, and every name is answered as what holds says.

use std::io;
use std::thread;
use std::time::{Duration, Instant};

use super::ask::{A, Question, Said, ask_all};
use super::figures::Figures;
use super::names::{Held, VERDICTS};
use super::orders::{Ledger, block_now};
use super::party::Party;
use super::stage::Stage;

/// How long a follower may take until it is in step after all that went wrong.
const PATIENCE: Duration = Duration::from_secs(120);
/// BIND takes a version in pieces: what is not right at first must be so by then.
const SETTLED: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
/// Wrong answers that are told one by one.
const TOLD_MAX: usize = 10;

/// Waits until everyone follows, so that there is something to go wrong.
pub(super) fn first(stage: &Stage) -> io::Result<()> {
    let name = "first.example".to_owned();
    block_now(&stage.analyst, &name, VERDICTS[0])?;
    let begun = Instant::now();
    for party in &stage.parties {
        if in_step(party, std::slice::from_ref(&name), begun)?.is_none() {
            let (word, log) = (party.software.word(), party.told());
            return Err(io::Error::other(format!("{word} never follows:\n{log}")));
        }
    }
    Ok(())
}

/// Every answer that is wrong, in words.
pub(super) fn all(
    stage: &Stage,
    ledger: &Ledger,
    names: &[String],
    figures: &mut Figures,
) -> io::Result<Vec<String>> {
    // The last order in each zone: who blocks these has all before them.
    let lasts = VERDICTS.map(|verdict| format!("last-{verdict}.example"));
    for (verdict, name) in VERDICTS.iter().zip(&lasts) {
        block_now(&stage.analyst, name, verdict)?;
    }
    let (begun, mut broken) = (Instant::now(), Vec::new());
    // At once: a time that is measured must not wait for another follower's.
    let ends: Vec<_> = thread::scope(|scope| {
        let parties = stage.parties.iter();
        let waits: Vec<_> =
            parties.map(|party| scope.spawn(|| in_step(party, &lasts, begun))).collect();
        waits.into_iter().map(thread::ScopedJoinHandle::join).collect()
    });
    let held = Held::read(&stage.admin)?;
    (figures.held, figures.names) = (held.len(), names.len());
    // And the first, by which everyone was seen to follow.
    let known = ledger.blocked() + lasts.len() + 1;
    if held.len() != known {
        broken.push(format!("the journal holds {} orders, {known} were made", held.len()));
    }
    for ((party, figures), end) in stage.parties.iter().zip(&mut figures.parties).zip(ends) {
        let Some(took) = end.map_err(|_| io::Error::other("a client panicked"))?? else {
            let (word, log) = (figures.word, party.told());
            broken.push(format!("{word} is not in step after {PATIENCE:?}:\n{log}"));
            continue;
        };
        figures.in_step = took;
        let (late, wrong) = answers(party, &held, names)?;
        (figures.late, figures.questions) = (late, names.len() * 8);
        broken.extend(wrong.into_iter().map(|one| format!("{}: {one}", figures.word)));
    }
    Ok(broken)
}

/// Waits until a follower blocks all of these: how long after `begun`.
pub(super) fn in_step(
    party: &Party,
    names: &[String],
    begun: Instant,
) -> io::Result<Option<Duration>> {
    let questions: Vec<_> =
        names.iter().map(|name| Question { name: name.clone(), kind: A, signed: false }).collect();
    loop {
        if ask_all(party.address, &questions)?.iter().all(|said| *said == Said::Warning) {
            return Ok(Some(begun.elapsed()));
        }
        if begun.elapsed() > PATIENCE {
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

/// Asks for each name in each way; how many had to be asked again, and what stayed wrong.
fn answers(party: &Party, held: &Held, names: &[String]) -> io::Result<(usize, Vec<String>)> {
    let mut questions: Vec<Question> = Question::all(names.iter().map(String::as_str)).collect();
    let (begun, mut late) = (Instant::now(), None);
    loop {
        let said = ask_all(party.address, &questions)?;
        let wrong: Vec<_> = questions
            .iter()
            .zip(said)
            .filter(|(question, said)| *said != question.expected(held.blocks(&question.name)))
            .map(|(question, said)| (question.clone(), said))
            .collect();
        let late = *late.get_or_insert(wrong.len());
        if wrong.is_empty() || begun.elapsed() > SETTLED {
            return Ok((late, wrong.iter().take(TOLD_MAX).map(|one| told(held, one)).collect()));
        }
        questions = wrong.into_iter().map(|(question, _)| question).collect();
        thread::sleep(PAUSE * 50);
    }
}

fn told(held: &Held, (question, said): &(Question, Said)) -> String {
    let expected = question.expected(held.blocks(&question.name));
    let Question { name, kind, signed } = question;
    format!("{name} type {kind} DO {signed}: {said:?}, not {expected:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_answer_is_told_whole() {
        let question = Question { name: "a.example".into(), kind: A, signed: true };
        let told = told(&Held::default(), &(question, Said::Warning));
        assert_eq!(told, "a.example type 1 DO true: Warning, not Truth");
    }
}
