//! The mails of the rounds: made from seed and number, so that none is kept.

use crate::random::Random;

/// The host in the one link of mail `number`.
pub(super) fn host(number: u64) -> String {
    format!("m{number}.shop-{number}.example")
}

/// The number of the mail that named `host`.
pub(super) fn number(host: &str) -> Option<u64> {
    let (label, rest) = host.split_once('.')?;
    let number = label.strip_prefix('m')?.parse().ok()?;
    (rest == format!("shop-{number}.example")).then_some(number)
}

/// Mail `number`: some are of a few hundred octets, some of many kilobytes, with
/// dots, long lines and octets that are no text.
pub(super) fn mail(seed: u64, number: u64) -> Vec<u8> {
    let mut random = Random::new(seed ^ number.wrapping_mul(0x9e37_79b9));
    let host = host(number);
    let mut mail = format!(
        "From: \"Voorbeeldbank\" <service@{host}>\r\nTo: citizen@mail.example\r\n\
         Subject: Verify your account, case {number}\r\n\
         Message-ID: <{number}.{seed:x}@mail.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n\
         Dear client,\r\n\r\nverify your card at https://{host}/verify?id={number}\r\n\r\n"
    )
    .into_bytes();
    let lines = if random.chance(10) { random.within(200..2_000) } else { random.within(1..40) };
    for _ in 0..lines {
        if random.chance(10) {
            mail.push(b'.');
        }
        let letters = random.within(0..70);
        mail.extend((0..letters).map(|_| b'a' + u8::try_from(random.within(0..26)).unwrap_or(0)));
        if random.chance(5) {
            mail.extend([0xc3, 0xa9, 0xff]);
        }
        mail.extend(b"\r\n");
    }
    mail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_comes_back_from_its_number() {
        assert_eq!(mail(1, 7), mail(1, 7));
        assert_ne!(mail(1, 7), mail(1, 8));
        assert_ne!(mail(1, 7), mail(2, 7));
        assert!(mail(1, 7).ends_with(b"\r\n"));
    }

    #[test]
    fn a_host_tells_its_mail() {
        assert_eq!(number(&host(12)), Some(12));
        assert_eq!(number("m12.shop-13.example"), None);
        assert_eq!(number("www.example"), None);
    }
}
