//! Byte streams as hubs, broken hubs and hostile hubs send them.

use data_encoding::{BASE64, HEXLOWER};
use futures_util::stream;

use super::*;
use crate::testing::{JOURNAL, Journal};

const LONG: Duration = Duration::from_secs(60);

fn hello(head: u64) -> String {
    format!(
        "event: hello\ndata: {{\"journal\":\"{}\",\"head\":{head}}}\n\n",
        HEXLOWER.encode(&JOURNAL.0)
    )
}

fn event(entry: &Entry) -> String {
    told(entry.serial.0, &entry.to_bytes(), &entry.leaf_hash().0)
}

/// An entry event that says what the test wants.
fn told(serial: u64, bytes: &[u8], leaf: &[u8]) -> String {
    let (bytes, leaf) = (BASE64.encode(bytes), HEXLOWER.encode(leaf));
    format!(
        "id: {serial}\nevent: entry\ndata: {{\"serial\":{serial},\"kind\":\"order\",\
         \"entry\":\"{bytes}\",\"leaf\":\"{leaf}\",\"order\":{{\"new\":true}}}}\n\n"
    )
}

/// The chunks, and then silence.
fn of(chunks: impl IntoIterator<Item = String>, silence: Duration) -> EntryStream {
    let chunks: Vec<_> = chunks.into_iter().map(Ok).collect();
    EntryStream::of(stream::iter(chunks).chain(stream::pending()), Serial(0), silence)
}

/// The event of an entry that says what came before it.
fn after(entry: &Entry, previous: u64) -> String {
    event(entry).replace("\"kind\"", &format!("\"previous\":{previous},\"kind\""))
}

#[tokio::test]
async fn what_came_before_an_entry_must_have_been_read() {
    let journal = Journal::of_blocks(3);
    let [one, two, three] = &journal.entries[..] else { panic!("three entries") };
    let good = hello(3) + &after(one, 0) + &after(two, 1) + &after(three, 2);
    let mut stream = of([good], LONG);
    assert_eq!(stream.next().await.unwrap().entries.len(), 3);
    assert!(!stream.is_broken());
    // What came before the gap is handed on, and the stream ends there.
    let mut stream = of([hello(3) + &after(one, 0) + &after(three, 2)], LONG);
    assert_eq!(stream.next().await.unwrap().entries, std::slice::from_ref(one));
    assert!(stream.is_broken());
    let mut stream = of([hello(3), after(two, 1)], LONG);
    let error = stream.next_after_hello().await.unwrap_err();
    let expected = "entry 2 comes after 1, and 0 was read last";
    assert_eq!(error, SourceError::Gap(expected.into()));
}

async fn check_malformed(text: String, why: &str) {
    let error = of([hello(9), text], LONG).next_after_hello().await.unwrap_err();
    let SourceError::Malformed(told) = &error else { panic!("{error:?}") };
    assert!(told.contains(why), "{told}");
}

impl EntryStream {
    /// The first batch with an entry.
    async fn next_after_hello(&mut self) -> Result<Batch, SourceError> {
        loop {
            let batch = self.next().await?;
            if !batch.entries.is_empty() {
                return Ok(batch);
            }
        }
    }
}

#[tokio::test]
async fn a_batch_takes_along_what_is_there() {
    let journal = Journal::of_blocks(3);
    let text: String = journal.entries.iter().map(event).collect();
    let mut stream = of([hello(3) + &text], LONG);
    let batch = stream.next().await.unwrap();
    assert_eq!((batch.journal, batch.head), (JOURNAL, Serial(3)));
    assert_eq!(batch.entries, journal.entries);
    assert_eq!(stream.position(), Serial(3));
}

#[tokio::test]
async fn chunks_may_be_cut_anywhere() {
    let journal = Journal::of_blocks(2);
    let text: String = hello(2) + &journal.entries.iter().map(event).collect::<String>();
    let mut stream = of(text.chars().map(String::from), LONG);
    let mut entries = Vec::new();
    while entries.len() < 2 {
        entries.extend(stream.next().await.unwrap().entries);
    }
    assert_eq!(entries, journal.entries);
}

#[tokio::test]
async fn a_batch_ends_at_a_thousand_entries() {
    let journal = Journal::of_blocks(1_200);
    let chunks = journal.entries.iter().map(event);
    let mut stream = of(std::iter::once(hello(1_200)).chain(chunks), LONG);
    let first = stream.next().await.unwrap().entries;
    assert!(first.len() <= MOST_ENTRIES, "{}", first.len());
    let mut all = first;
    while all.len() < 1_200 {
        all.extend(stream.next().await.unwrap().entries);
    }
    assert_eq!(all, journal.entries);
}

#[tokio::test]
async fn a_keep_alive_moves_the_head_alone() {
    let mut stream = of([hello(4)], LONG);
    let batch = stream.next().await.unwrap();
    assert_eq!((batch.head, batch.entries.len()), (Serial(4), 0));
    assert_eq!(stream.position(), Serial(0));
}

#[tokio::test]
async fn an_entry_is_a_sign_of_the_head_too() {
    let journal = Journal::of_blocks(1);
    let batch = of([hello(0), event(&journal.entries[0])], LONG).next_after_hello().await.unwrap();
    assert_eq!(batch.head, Serial(1));
}

#[tokio::test]
async fn events_and_comments_of_a_newer_hub_are_skipped() {
    let journal = Journal::of_blocks(1);
    let news = ": hm\n\nevent: weather\ndata: rain\n\n".to_owned();
    let batch = of([hello(1), news, event(&journal.entries[0])], LONG).next_after_hello().await;
    assert_eq!(batch.unwrap().entries, journal.entries);
}

#[tokio::test]
async fn a_silent_stream_is_given_up() {
    let mut stream = of([hello(1)], Duration::from_millis(20));
    stream.next().await.unwrap();
    let error = stream.next().await.unwrap_err();
    assert!(matches!(&error, SourceError::Unreachable(why) if why.contains("silent")), "{error}");
}

#[tokio::test]
async fn a_closed_stream_is_unreachable() {
    let mut stream = EntryStream::of(stream::iter([Ok(hello(0))]), Serial(0), LONG);
    let first = stream.next().await;
    let error = match first {
        Ok(_) => stream.next().await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(&error, SourceError::Unreachable(why) if why.contains("closed")), "{error}");
}

#[tokio::test]
async fn an_entry_must_be_what_is_said_of_it() {
    let journal = Journal::of_blocks(2);
    let entry = &journal.entries[0];
    let (bytes, leaf) = (entry.to_bytes(), entry.leaf_hash().0);
    check_malformed(told(2, &bytes, &leaf), "those of entry 1").await;
    check_malformed(told(1, &bytes, &[0; 32]), "leaf hash").await;
    check_malformed(told(1, &bytes[..bytes.len() - 1], &leaf), "entry 1").await;
    check_malformed("event: entry\ndata: {\"serial\":1}\n\n".into(), "missing field").await;
    check_malformed("event: entry\ndata: nonsense\n\n".into(), "").await;
    let not_base64 = "event: entry\ndata: {\"serial\":1,\"entry\":\"*\",\"leaf\":\"\"}\n\n";
    check_malformed(not_base64.into(), "entry 1").await;
}

#[tokio::test]
async fn an_entry_before_the_hello_is_malformed() {
    let journal = Journal::of_blocks(1);
    let error = of([event(&journal.entries[0])], LONG).next().await.unwrap_err();
    assert!(matches!(&error, SourceError::Malformed(why) if why.contains("hello")), "{error}");
}

#[tokio::test]
async fn an_endless_event_is_refused_while_it_comes() {
    let endless = std::iter::repeat_n("x".repeat(1_000), 10_000);
    let start = std::iter::once("event: entry\ndata: ".to_owned());
    let error = of(start.chain(endless), LONG).next().await.unwrap_err();
    assert!(matches!(&error, SourceError::Malformed(why) if why.contains("longer")), "{error}");
    let lines = std::iter::repeat_n("data: x\n".to_owned(), 100_000);
    let error = of(lines, LONG).next().await.unwrap_err();
    assert!(matches!(&error, SourceError::Malformed(why) if why.contains("longer")), "{error}");
}

#[tokio::test]
async fn many_short_events_are_not_one_long_one() {
    let chunks = std::iter::repeat_n(": tick\r\n\r\n".to_owned(), 50_000);
    let batch = of(chunks.chain([hello(7)]), LONG).next().await.unwrap();
    assert_eq!(batch.head, Serial(7));
}
