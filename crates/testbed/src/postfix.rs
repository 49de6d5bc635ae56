//! A Postfix of our own, with its folders and its address, that delivers to a Maildir
//! as Debian's does: the queue file synced before `250`, the delivered file as well.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::net::loopback;
use crate::wait::wait_for;

const START: Duration = Duration::from_secs(30);
const PORT: u16 = 2525;
/// The services that taking in and delivering need, none of them in a chroot.
const SERVICES: &str = "\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";

/// Whether this user may start one: it changes users.
pub fn may_run() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

/// A running instance; stopped when dropped.
#[derive(Debug)]
pub struct Postfix {
    program: PathBuf,
    folder: tempfile::TempDir,
    address: SocketAddr,
    child: Child,
}

impl Postfix {
    /// Starts one on an address of its own that takes mail for `domain`; with `keys`, a
    /// certificate and its key in PEM, it offers STARTTLS.
    ///
    /// # Errors
    /// It can't be started, or does not answer.
    pub fn start(program: &Path, domain: &str, keys: Option<(&str, &str)>) -> io::Result<Self> {
        Self::start_at(program, loopback(), domain, keys)
    }

    /// The same on an address that is known already, as a certificate's must be.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_at(
        program: &Path,
        at: Ipv4Addr,
        domain: &str,
        keys: Option<(&str, &str)>,
    ) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("belfry-postfix").tempdir()?;
        let address = SocketAddr::from((at, PORT));
        let user = user("postfix")?;
        prepare(folder.path(), address, domain, user)?;
        if let Some((certificate, key)) = keys {
            offer_tls(folder.path(), certificate, key)?;
        }
        let child = Command::new(program)
            .arg("-c")
            .arg(folder.path().join("conf"))
            .arg("start-fg")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let postfix = Self { program: program.to_owned(), folder, address, child };
        wait_for(|| TcpStream::connect(address).ok().map(drop), START)
            .ok_or_else(|| io::Error::other("postfix does not answer"))?;
        Ok(postfix)
    }

    /// Where it takes mail.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The id of its master process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where delivered mails lie.
    pub fn maildir(&self) -> PathBuf {
        self.folder.path().join("mail/report/new")
    }

    /// Stops it and waits.
    ///
    /// # Errors
    /// It can't be told, or waited for.
    pub fn stop(&mut self) -> io::Result<()> {
        let mut stop = Command::new(&self.program);
        stop.arg("-c").arg(self.folder.path().join("conf")).arg("stop");
        stop.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.stop();
        }
    }
}

fn offer_tls(folder: &Path, certificate: &str, key: &str) -> io::Result<()> {
    let at = folder.join("conf");
    fs::write(at.join("certificate.pem"), certificate)?;
    fs::write(at.join("key.pem"), key)?;
    fs::set_permissions(at.join("key.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    let main = fs::read_to_string(at.join("main.cf"))?;
    let more = format!(
        "smtpd_tls_security_level = may\nsmtpd_tls_cert_file = {0}/certificate.pem\n\
         smtpd_tls_key_file = {0}/key.pem\nsmtpd_tls_received_header = yes\n",
        at.display()
    );
    fs::write(at.join("main.cf"), main + &more)
}

fn prepare(
    folder: &Path,
    address: SocketAddr,
    domain: &str,
    (user, group): (u32, u32),
) -> io::Result<()> {
    // Postfix must reach its folders as another user.
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    for name in ["conf", "queue", "data", "mail"] {
        fs::create_dir(folder.join(name))?;
    }
    chown(folder.join("data"), Some(user), Some(group))?;
    chown(folder.join("mail"), Some(user), Some(group))?;
    // Its list of interfaces has no room for an address of one's own; master.cf has.
    let (at, ip) = (folder.display(), address.ip());
    let main = format!(
        "compatibility_level = 3.6\nqueue_directory = {at}/queue\ndata_directory = {at}/data\n\
         command_directory = /usr/sbin\ndaemon_directory = /usr/lib/postfix/sbin\n\
         mail_owner = postfix\nsetgid_group = postdrop\nmyhostname = postfix.example\n\
         mydestination =\ninet_interfaces = 127.0.0.1\ninet_protocols = ipv4\n\
         mynetworks = 127.0.0.0/8\nalias_maps =\nalias_database =\n\
         local_recipient_maps =\nvirtual_mailbox_domains = {domain}\n\
         virtual_mailbox_base = {at}/mail\nvirtual_mailbox_maps = static:report/\n\
         virtual_minimum_uid = 1\nvirtual_uid_maps = static:{user}\n\
         virtual_gid_maps = static:{group}\nvirtual_mailbox_limit = 0\nmailbox_size_limit = 0\n\
         message_size_limit = 52428800\nsmtpd_client_connection_count_limit = 0\n\
         smtpd_relay_restrictions = permit_mynetworks, reject\n\
         maillog_file = {at}/data/log\nmaillog_file_prefixes = {at}\n"
    );
    fs::write(folder.join("conf/main.cf"), main)?;
    let master = format!("{ip}:{PORT} inet n - n - - smtpd\n{SERVICES}");
    fs::write(folder.join("conf/master.cf"), master)?;
    Ok(())
}

/// Number and group of a user.
fn user(name: &str) -> io::Result<(u32, u32)> {
    let passwd = fs::read_to_string("/etc/passwd")?;
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name));
    let mut fields =
        line.ok_or_else(|| io::Error::other("there is no user postfix"))?.split(':').skip(2);
    let mut next = || fields.next().and_then(|field| field.parse().ok());
    next().zip(next()).ok_or_else(|| io::Error::other("the line of user postfix can't be read"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_looked_up_by_their_whole_name() {
        assert_eq!(user("root").unwrap(), (0, 0));
        assert!(user("roo").is_err() && user("").is_err());
    }

    #[test]
    fn its_configuration_names_its_own_folders_and_address_only() {
        let folder = tempfile::tempdir().unwrap();
        let owner = std::os::unix::fs::MetadataExt::uid(&folder.path().metadata().unwrap());
        let group = std::os::unix::fs::MetadataExt::gid(&folder.path().metadata().unwrap());
        let address: SocketAddr = "127.1.2.3:2525".parse().unwrap();
        prepare(folder.path(), address, "belfry.example", (owner, group)).unwrap();
        let main = fs::read_to_string(folder.path().join("conf/main.cf")).unwrap();
        let at = folder.path().to_str().unwrap();
        for key in ["queue_directory", "data_directory", "virtual_mailbox_base", "maillog_file"] {
            let line = main.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap();
            assert!(line.contains(at), "{line}");
        }
        let master = fs::read_to_string(folder.path().join("conf/master.cf")).unwrap();
        assert!(master.starts_with("127.1.2.3:2525 inet "), "{master}");
        assert_eq!(master.matches(" inet ").count(), 1, "{master}");
        assert!(main.lines().all(|line| line.contains(" =")), "{main}");
    }
}
