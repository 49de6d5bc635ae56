//! Answers over HTTP/2, each in a TLS record of its own. Some clients take one answer
//! for each record that they read, and wait for the rest until the socket has more:
//! where several answers share a record, they lose all but the first. What is
//! written stays as it is: only where it is cut is decided here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Octets of a frame's header (RFC 9113 section 4.1).
const HEADER_OCTETS: usize = 9;
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const END_STREAM: u8 = 1;

/// A server's end of an HTTP/2 connection, over what makes a record of each write.
#[derive(Debug)]
pub(super) struct Records<S> {
    inner: S,
    place: Place,
}

/// How far into the frames the writing is.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    header: [u8; HEADER_OCTETS],
    /// Octets of the header that are there.
    read: usize,
    /// Octets of the frame behind its header that are still to come.
    left: usize,
}

impl Place {
    /// Goes over `octets`, up to the end of an answer at most; how many there were, and
    /// whether an answer ends there.
    fn step(&mut self, octets: &[u8]) -> (usize, bool) {
        let mut at = 0;
        while at < octets.len() {
            if self.read < HEADER_OCTETS {
                let count = (HEADER_OCTETS - self.read).min(octets.len() - at);
                self.header[self.read..self.read + count].copy_from_slice(&octets[at..at + count]);
                self.read += count;
                at += count;
                let [a, b, c, ..] = self.header;
                self.left = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
                if self.read < HEADER_OCTETS {
                    break;
                }
            }
            let count = self.left.min(octets.len() - at);
            self.left -= count;
            at += count;
            if self.left == 0 {
                self.read = 0;
                let [.., kind, flags, _, _, _, _] = self.header;
                if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
                    return (at, true);
                }
            }
        }
        (at, false)
    }
}

impl<S> Records<S> {
    /// Around a stream on which nothing is written yet.
    pub(super) fn new(inner: S) -> Self {
        Self { inner, place: Place::default() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Records<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Records<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        let before = self.place;
        let (end, _) = self.place.step(octets);
        let written = match Pin::new(&mut self.inner).poll_write(context, &octets[..end]) {
            Poll::Ready(Ok(written)) if written == end => return Poll::Ready(Ok(written)),
            other => other,
        };
        // Less than that went out: only so far are we.
        self.place = before;
        let written = ready!(written)?;
        self.place.step(&octets[..written]);
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::AsyncWriteExt;

    use super::*;

    fn frame(kind: u8, flags: u8, octets: usize) -> Vec<u8> {
        let [.., a, b, c] = octets.to_be_bytes();
        [&[a, b, c, kind, flags, 0, 0, 0, 1][..], &vec![0xff; octets]].concat()
    }

    /// What is written, as it was cut; at most `most` octets are taken at a time.
    #[derive(Default)]
    struct Heard {
        writes: Vec<Vec<u8>>,
        most: usize,
    }

    impl AsyncWrite for Heard {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            octets: &[u8],
        ) -> Poll<io::Result<usize>> {
            let count = octets.len().min(self.most);
            self.writes.push(octets[..count].to_vec());
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn written(pieces: &[&[u8]], most: usize) -> Vec<Vec<u8>> {
        let mut records = Records::new(Heard { most, ..Heard::default() });
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            for piece in pieces {
                records.write_all(piece).await.unwrap();
            }
        });
        records.inner.writes
    }

    #[test]
    fn a_write_ends_where_an_answer_ends() {
        let settings = frame(4, 1, 0);
        let head = frame(HEADERS, 4, 20);
        let answer = frame(DATA, END_STREAM, 300);
        let refused = frame(HEADERS, 4 | END_STREAM, 7);
        let whole = [&settings[..], &head, &answer, &head, &answer, &refused, &head].concat();
        let lengths: Vec<_> = written(&[&whole], usize::MAX).iter().map(Vec::len).collect();
        assert_eq!(lengths, [9 + 29 + 309, 29 + 309, 16, 29]);
    }

    #[test]
    fn an_end_of_another_kind_of_frame_is_none() {
        let ping = frame(6, 1, 8);
        let (twice, data) = (ping.repeat(2), frame(DATA, 0, 3));
        let lengths: Vec<_> = written(&[&twice, &data], usize::MAX).iter().map(Vec::len).collect();
        assert_eq!(lengths, [34, 12]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_no_write_has_two_answers(
            frames in prop::collection::vec((0_u8..10, 0_u8..8, 0_usize..400), 0..40),
            pieces in prop::collection::vec(1_usize..500, 1..60),
            most in 1_usize..600,
        ) {
            let mut ends = vec![0];
            let mut whole = Vec::new();
            for (kind, flags, octets) in frames {
                whole.extend(frame(kind, flags, octets));
                if kind <= HEADERS && flags & END_STREAM != 0 {
                    ends.push(whole.len());
                }
            }
            let mut rest = &whole[..];
            let mut cut = Vec::new();
            for octets in pieces {
                let (piece, more) = rest.split_at(octets.min(rest.len()));
                cut.push(piece);
                rest = more;
            }
            cut.push(rest);
            let writes = written(&cut, most);
            prop_assert_eq!(writes.concat(), whole);
            let mut at = 0;
            for write in writes {
                let inside = ends.iter().filter(|end| (at + 1..at + write.len()).contains(*end));
                prop_assert_eq!(inside.count(), 0);
                at += write.len();
            }
        }
    }
}
