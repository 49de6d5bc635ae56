//! Windows code pages by number, as names that decoders know.

/// The charset's name, as in a mail's header.
pub(crate) fn codepage(number: u32) -> Option<&'static str> {
    const ISO: [&str; 16] = [
        "iso-8859-1",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-9",
        "iso-8859-10",
        "windows-874",
        "iso-8859-1",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
    ];
    Some(match number {
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        1200 => "utf-16le",
        1201 => "utf-16be",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1252 => "windows-1252",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        10_000 => "macintosh",
        20_127 => "us-ascii",
        20_866 => "koi8-r",
        21_866 => "koi8-u",
        28_591..=28_606 => ISO[usize::try_from(number - 28_591).ok()?],
        50_220..=50_222 => "iso-2022-jp",
        51_932 => "euc-jp",
        51_936 => "gbk",
        51_949 => "euc-kr",
        54_936 => "gb18030",
        65_000 => "utf-7",
        65_001 => "utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::codepage;

    #[test]
    fn numbers_have_names_that_decoders_know() {
        assert_eq!(codepage(1252), Some("windows-1252"));
        assert_eq!(codepage(28_605), Some("iso-8859-15"));
        assert_eq!(codepage(7), None);
        for label in (0..70_000).filter_map(codepage).filter(|label| *label != "utf-7") {
            assert!(encoding_rs::Encoding::for_label(label.as_bytes()).is_some(), "{label}");
        }
    }
}
