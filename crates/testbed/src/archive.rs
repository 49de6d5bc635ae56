//! The corpora's containers: `.xz` and `.tar.xz`, read without outside programs.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use lzma_rust2::XzReader;

/// The longest member, or whole `.xz` file, that is read: 1 GiB. Corpora are
/// trusted not to be hostile, but a wrong file must not eat the machine.
const LIMIT: u64 = 1 << 30;

/// The decompressed bytes of a `.xz` file.
///
/// # Errors
/// When the file can't be read, is no XZ, or is longer than 1 GiB.
pub fn read_xz(path: &Path) -> io::Result<Vec<u8>> {
    read_all(open(path)?, "the file")
}

/// The regular files in a `.tar.xz`, each with its name, in the archive's order.
///
/// # Errors
/// When the file can't be read or is no such archive.
pub fn untar_xz(path: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut archive = tar::Archive::new(open(path)?);
    let mut members = Vec::new();
    for entry in archive.entries()? {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let bytes = read_all(entry, &name)?;
        members.push((name, bytes));
    }
    Ok(members)
}

fn open(path: &Path) -> io::Result<impl Read> {
    Ok(XzReader::new(BufReader::new(File::open(path)?), true))
}

fn read_all(reader: impl Read, what: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        return Err(io::Error::other(format!("{what} is longer than {LIMIT} octets")));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// `printf 'hello\n' | xz -9e`
    const HELLO_XZ: &[u8] =
        b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\
        \x58\xcc\x01\x00\x05\x68\x65\x6c\x6c\x6f\x0a\x00\x00\x00\xa5\x60\x97\xf1\x94\xf6\xfd\xe0\
        \x00\x01\x1e\x06\xc1\x2f\xa4\x1d\x1f\xb6\xf3\x7d\x01\x00\x00\x00\x00\x04\x59\x5a";

    /// `xz -9e` of a tar with the folder `d` and two files in it.
    const TWO_TAR_XZ: &[u8] =
        b"\xfd\x37\x7a\x58\x5a\x00\x00\x04\xe6\xd6\xb4\x46\x02\x00\x21\x01\x1c\x00\x00\x00\x10\xcf\
        \x58\xcc\xe0\x27\xff\x00\x74\x5d\x00\x32\x0b\xbc\x1b\xa7\x8c\x34\x44\xe1\xc2\x07\x75\xe8\
        \xfc\xe3\xc0\x92\x65\x2f\xe8\x4b\x87\xdb\x97\x00\x56\xd6\x0c\x18\x1d\x1b\xcd\x11\x04\xf7\
        \xec\x24\xd0\x23\x4b\xa3\xde\xdb\x38\x1a\x43\x52\x14\x27\x7b\x95\x7c\x78\x77\x89\x3a\xc8\
        \xf6\x4f\x06\x1f\xb0\x86\xfb\x51\x40\x3e\x74\x22\x4b\x6a\x1c\x6b\x39\x5b\xfc\xe1\xb4\xfd\
        \x23\x96\x40\x96\xc0\x82\x33\x07\xec\x29\x8a\x16\x81\x04\xe6\xc6\xee\x34\x62\x62\x79\xb9\
        \x12\xe5\x29\x77\xc1\xee\xf2\x0d\xb6\x6f\x7f\x15\x0f\x26\x1e\x00\xdb\x23\xa9\xa9\x72\xc4\
        \x45\x9a\x00\x01\x90\x01\x80\x50\x00\x00\xa5\x73\xb6\x62\xb1\xc4\x67\xfb\x02\x00\x00\x00\
        \x00\x04\x59\x5a";

    #[test]
    fn reads_what_xz_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hello.xz");
        fs::write(&path, HELLO_XZ).unwrap();
        assert_eq!(read_xz(&path).unwrap(), b"hello\n");
    }

    #[test]
    fn a_broken_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.xz");
        fs::write(&path, &HELLO_XZ[..HELLO_XZ.len() - 3]).unwrap();
        assert!(read_xz(&path).is_err());
        fs::write(&path, b"no xz at all").unwrap();
        assert!(untar_xz(&path).is_err());
    }

    #[test]
    fn lists_the_files_of_an_archive_and_not_its_folders() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("two.tar.xz");
        fs::write(&path, TWO_TAR_XZ).unwrap();
        let members = untar_xz(&path).unwrap();
        assert_eq!(
            members,
            [("d/a.eml".to_owned(), b"one".to_vec()), ("d/b.eml".to_owned(), b"two".to_vec())]
        );
    }

    #[test]
    fn the_development_mails_are_all_there() {
        let Some(path) = crate::corpus("emails_phishing_pot/dev.tar.xz") else { return };
        let members = untar_xz(&path).unwrap();
        assert_eq!(members.len(), 1000);
        assert!(members.iter().all(|(name, _)| name.starts_with("sample-")));
        assert!(members.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() > 1 << 20);
    }
}
