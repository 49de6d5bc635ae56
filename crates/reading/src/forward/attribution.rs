//! One line instead of a header: `On 28/10/2021 12:46, "Jo" <jo@a.example> wrote:`.
//! Templates are in the table; the date is what they put before or after the person.

use super::block::Block;
use super::lines::trim;
use super::people::person;
use super::table::{Field, TABLE};

/// Octets of such a line.
const LINE_BYTES_MAX: usize = 600;

/// Reads an attribution, if this line is one.
pub(super) fn read(line: &str) -> Option<Block> {
    // Cheap tests first: every line of a mail comes here.
    if line.len() > LINE_BYTES_MAX || !line.contains('@') || !line.ends_with([':', '：']) {
        return None;
    }
    let line = trim(line.trim_end_matches([':', '：']));
    TABLE.attributions.iter().find_map(|template| by(template, line))
}

fn by(template: &str, line: &str) -> Option<Block> {
    let date_first = template.find("{date}") < template.find("{who}");
    let (head, rest) = template.split_once('{')?;
    let (_, rest) = rest.split_once('}')?;
    let (middle, rest) = rest.split_once('{')?;
    let (_, tail) = rest.split_once('}')?;
    let inner = line.strip_prefix(head)?.strip_suffix(tail)?;
    let (date, who) = if date_first {
        let date = date_end(inner, middle)?;
        (&inner[..date], inner[date..].strip_prefix(middle)?)
    } else {
        let (who, date) = inner.rsplit_once(middle)?;
        (date, who)
    };
    if !date.contains(|c: char| c.is_ascii_digit()) || !who.contains('@') || who.contains('{') {
        return None;
    }
    let mut block = Block::default();
    block.take(Field::Date, date.trim_end_matches(','));
    block.from = person(who);
    block.has_address().then_some(block)
}

/// Where the date ends that stands before `middle` and a person: after its time of
/// day, since both the date and a name may hold commas and spaces.
fn date_end(text: &str, middle: &str) -> Option<usize> {
    let address = text.find('@')?;
    let head = &text[..address];
    let time = head.rmatch_indices([':', '.', 'h']).map(|(at, _)| at).find(|&at| {
        let digit = |s: &str, end: bool| {
            let c = if end { s.chars().next_back() } else { s.chars().next() };
            c.is_some_and(|c| c.is_ascii_digit())
        };
        digit(&head[..at], true) && digit(&head[at + 1..], false)
    })?;
    let from = time + 1;
    head[from..].match_indices(middle).map(|(at, _)| from + at).find(|&at| {
        // `AM`, a zone, `Uhr` belong to the time.
        let rest = head[at + middle.len()..].trim_start();
        let word = rest.split([' ', ',']).next().unwrap_or_default();
        let of_time = matches!(
            word,
            "AM" | "PM" | "am" | "pm" | "Uhr" | "uur" | "CET" | "CEST" | "GMT" | "UTC"
        ) || word.starts_with(['(', '+', '-']);
        !of_time
    })
}

#[cfg(test)]
mod tests {
    use super::read;

    fn check(line: &str, date: &str, name: &str) {
        let block = read(line).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(block.date.as_deref(), Some(date), "{line}");
        let from = block.from.unwrap();
        assert_eq!(from.name.as_deref().unwrap_or_default(), name, "{line}");
        assert_eq!(from.address.as_deref(), Some("jo@a.example"), "{line}");
    }

    #[test]
    fn attributions_are_read_in_many_languages() {
        check(
            "On 28/10/2021 12:46, \"Doe, Jo\" <jo@a.example> wrote:",
            "28/10/2021 12:46",
            "Doe, Jo",
        );
        check(
            "On Wed, Oct 27, 2021 at 9:31 AM Jo Doe <jo@a.example> wrote:",
            "Wed, Oct 27, 2021 at 9:31 AM",
            "Jo Doe",
        );
        check("Op 28/10/2021 12:46 heeft Jo <jo@a.example> geschreven:", "28/10/2021 12:46", "Jo");
        check(
            "Op wo 27 okt. 2021 om 09:31 schreef Jo <jo@a.example>:",
            "wo 27 okt. 2021 om 09:31",
            "Jo",
        );
        check("Le 28/10/2021 12:46, « Jo » <jo@a.example> a écrit :", "28/10/2021 12:46", "Jo");
        check("Am 28/10/2021, 12:46 schrieb \"Jo\" <jo@a.example>:", "28/10/2021, 12:46", "Jo");
        check("Jo <jo@a.example> kirjoitti 28/10/2021 12.46:", "28/10/2021 12.46", "Jo");
        check("27.10.2021, 09:31, \"Jo\" <jo@a.example>:", "27.10.2021, 09:31", "Jo");
    }

    #[test]
    fn other_lines_are_none() {
        for line in [
            "",
            "On the one hand, a@b.example wrote:",
            "Write to jo@a.example:",
            "On 28/10/2021 12:46, Jo wrote:",
        ] {
            assert!(read(line).is_none(), "{line}");
        }
    }
}
