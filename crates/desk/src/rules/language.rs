//! The language of a rule's condition: comparisons of a case's figures, joined by `and`,
//! `or`, `not` and brackets.
//!
//! ```text
//! score >= 0.97 and proven >= 3 and age_hours <= 48 and unranked and host
//! ```
//!
//! What is not known (a case that nobody has weighed has no score) makes a comparison
//! neither true nor false, and a rule acts only on what is true.

use std::fmt;

use belfry_casebook::standing::CampaignFound;

/// Octets of one condition.
const TEXT_MAX: usize = 2_000;
/// How deep brackets may nest.
const DEPTH_MAX: u32 = 20;

/// A figure of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    Score,
    Proven,
    Reporters,
    Reports,
    AgeHours,
    CampaignCases,
    CampaignFraud,
    CampaignHarmless,
}

/// A property of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flag {
    Host,
    Url,
    Message,
    Unranked,
    DecidedBefore,
    Kin,
}

const FIGURES: [(&str, Figure); 8] = [
    ("score", Figure::Score),
    ("proven", Figure::Proven),
    ("reporters", Figure::Reporters),
    ("reports", Figure::Reports),
    ("age_hours", Figure::AgeHours),
    ("campaign_cases", Figure::CampaignCases),
    ("campaign_fraud", Figure::CampaignFraud),
    ("campaign_harmless", Figure::CampaignHarmless),
];
const FLAGS: [(&str, Flag); 6] = [
    ("host", Flag::Host),
    ("url", Flag::Url),
    ("message", Flag::Message),
    ("unranked", Flag::Unranked),
    ("decided_before", Flag::DecidedBefore),
    ("kin", Flag::Kin),
];

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// What is known of a case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facts {
    /// What it scored, 0 to 1.
    pub score: Option<f64>,
    /// Different reporters that are proven to be who they say.
    pub proven: u64,
    /// Different reporters, proven or not: anyone can forge these.
    pub reporters: u64,
    /// Reports.
    pub reports: u64,
    /// Hours since it was opened.
    pub age_hours: f64,
    /// What it is about.
    pub kind: SubjectKind,
    /// Whether the guard lets one person block it: on no list at all.
    pub unranked: bool,
    /// Whether a verdict was ever given on it.
    pub decided_before: bool,
    /// Whether a person has a case of the same registrable domain blocked.
    pub kin: bool,
    /// What persons found in its campaign.
    pub campaign: CampaignFound,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// A host that DNS can block.
    Host,
    /// A URL.
    Url,
    /// A message without any.
    Message,
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Any(Vec<Node>),
    All(Vec<Node>),
    Not(Box<Node>),
    Compare(Figure, Comparison, f64),
    Is(Flag),
}

/// Why a text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("at character {at}: {why}")]
pub struct ConditionError {
    /// Where, from 1.
    pub at: usize,
    /// What is wrong.
    pub why: String,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// [`ConditionError`] at the first word that can't stand there.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        if text.len() > TEXT_MAX {
            let why = format!("a condition has at most {TEXT_MAX} octets");
            return Err(ConditionError { at: 1, why });
        }
        let mut parser = Parser { words: words(text), at: 0, end: text.chars().count() + 1 };
        let node = parser.any(0)?;
        match parser.next() {
            None => Ok(Self(node)),
            Some(word) => Err(word.refused("`and`, `or` or the end")),
        }
    }

    /// Whether it holds; `None` where that hangs on what is not known.
    pub fn holds(&self, facts: &Facts) -> Option<bool> {
        self.0.holds(facts)
    }
}

impl Node {
    fn holds(&self, facts: &Facts) -> Option<bool> {
        match self {
            Node::Any(nodes) => join(nodes, facts, true),
            Node::All(nodes) => join(nodes, facts, false),
            Node::Not(node) => node.holds(facts).map(|held| !held),
            Node::Compare(figure, comparison, number) => {
                figure.of(facts).map(|value| comparison.holds(value, *number))
            }
            Node::Is(flag) => Some(flag.of(facts)),
        }
    }
}

/// One that is `decisive` decides; else one that is not known leaves all of it unknown.
fn join(nodes: &[Node], facts: &Facts, decisive: bool) -> Option<bool> {
    let mut known = true;
    for node in nodes {
        match node.holds(facts) {
            Some(held) if held == decisive => return Some(decisive),
            Some(_) => {}
            None => known = false,
        }
    }
    known.then_some(!decisive)
}

impl Figure {
    fn of(self, facts: &Facts) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "no case has 2^53 reports")]
        let count = |count: u64| Some(count as f64);
        match self {
            Figure::Score => facts.score,
            Figure::Proven => count(facts.proven),
            Figure::Reporters => count(facts.reporters),
            Figure::Reports => count(facts.reports),
            Figure::AgeHours => Some(facts.age_hours),
            Figure::CampaignCases => count(facts.campaign.cases),
            Figure::CampaignFraud => count(facts.campaign.fraud),
            Figure::CampaignHarmless => count(facts.campaign.harmless),
        }
    }
}

impl Flag {
    fn of(self, facts: &Facts) -> bool {
        match self {
            Flag::Host => facts.kind == SubjectKind::Host,
            Flag::Url => facts.kind == SubjectKind::Url,
            Flag::Message => facts.kind == SubjectKind::Message,
            Flag::Unranked => facts.unranked,
            Flag::DecidedBefore => facts.decided_before,
            Flag::Kin => facts.kin,
        }
    }
}

impl Comparison {
    fn of(word: &str) -> Option<Self> {
        match word {
            "<" => Some(Comparison::Less),
            "<=" => Some(Comparison::AtMost),
            ">" => Some(Comparison::More),
            ">=" => Some(Comparison::AtLeast),
            _ => None,
        }
    }

    fn holds(self, value: f64, number: f64) -> bool {
        match self {
            Comparison::Less => value < number,
            Comparison::AtMost => value <= number,
            Comparison::More => value > number,
            Comparison::AtLeast => value >= number,
        }
    }
}

/// A word and where it stands.
#[derive(Clone, Copy, Debug)]
struct Word<'a> {
    text: &'a str,
    at: usize,
}

impl Word<'_> {
    fn refused(&self, expected: &str) -> ConditionError {
        ConditionError { at: self.at, why: format!("{:?}: expected {expected}", self.text) }
    }
}

/// Words, signs and brackets; what is none of these is a word of its own and refused later.
fn words(text: &str) -> Vec<Word<'_>> {
    let kind = |c: char| match c {
        c if c.is_whitespace() => 0,
        '<' | '>' | '=' | '!' => 1,
        '(' | ')' => 2,
        _ => 3,
    };
    let mut words = Vec::new();
    let mut characters = text.char_indices().enumerate().peekable();
    while let Some((number, (start, first))) = characters.next() {
        let mut end = start + first.len_utf8();
        // Each bracket is a word; other characters of one kind are one together.
        while kind(first) != 2
            && let Some((_, (at, next))) = characters.peek().copied()
            && kind(next) == kind(first)
        {
            end = at + next.len_utf8();
            characters.next();
        }
        if kind(first) != 0 {
            words.push(Word { text: &text[start..end], at: number + 1 });
        }
    }
    words
}

struct Parser<'a> {
    words: Vec<Word<'a>>,
    at: usize,
    end: usize,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Option<Word<'a>> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word
    }

    fn takes(&mut self, text: &str) -> bool {
        let takes = self.words.get(self.at).is_some_and(|word| word.text == text);
        self.at += usize::from(takes);
        takes
    }

    fn any(&mut self, depth: u32) -> Result<Node, ConditionError> {
        let mut nodes = vec![self.all(depth)?];
        while self.takes("or") {
            nodes.push(self.all(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self, depth: u32) -> Result<Node, ConditionError> {
        let mut nodes = vec![self.one(depth)?];
        while self.takes("and") {
            nodes.push(self.one(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn one(&mut self, depth: u32) -> Result<Node, ConditionError> {
        let expected = Expected;
        let Some(word) = self.next() else {
            return Err(self.ended(&expected.to_string()));
        };
        if depth > DEPTH_MAX {
            return Err(word.refused("fewer brackets"));
        }
        match word.text {
            "not" => Ok(Node::Not(Box::new(self.one(depth + 1)?))),
            "(" => {
                let node = self.any(depth + 1)?;
                match self.next() {
                    Some(word) if word.text == ")" => Ok(node),
                    Some(word) => Err(word.refused("`)`")),
                    None => Err(self.ended("`)`")),
                }
            }
            text => {
                if let Some((_, flag)) = FLAGS.iter().find(|(name, _)| *name == text) {
                    return Ok(Node::Is(*flag));
                }
                let figure = FIGURES.iter().find(|(name, _)| *name == text);
                let (_, figure) = figure.ok_or_else(|| word.refused(&expected.to_string()))?;
                self.comparison(*figure)
            }
        }
    }

    fn comparison(&mut self, figure: Figure) -> Result<Node, ConditionError> {
        let signs = "one of < <= > >=";
        let sign = self.next().ok_or_else(|| self.ended(signs))?;
        let comparison = Comparison::of(sign.text).ok_or_else(|| sign.refused(signs))?;
        let word = self.next().ok_or_else(|| self.ended("a number"))?;
        let number = word.text.parse().ok().filter(|number: &f64| number.is_finite());
        let number = number.ok_or_else(|| word.refused("a number"))?;
        Ok(Node::Compare(figure, comparison, number))
    }

    fn ended(&self, expected: &str) -> ConditionError {
        ConditionError { at: self.end, why: format!("it ends here: expected {expected}") }
    }
}

/// What a condition may begin with, in words.
struct Expected;

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`not`, `(` or one of")?;
        let names = FIGURES.iter().map(|(name, _)| name).chain(FLAGS.iter().map(|(name, _)| name));
        names.into_iter().try_for_each(|name| write!(f, " {name}"))
    }
}

#[cfg(test)]
mod tests;
