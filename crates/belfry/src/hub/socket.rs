//! The hub's own socket in the data folder, 0600: whoever can open it is the
//! local administrator, by the name of the user that the kernel tells.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, Request};
use axum::middleware::Next;
use axum::response::Response;
use axum::serve::IncomingStream;
use belfry_web::LocalUser;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;

use crate::hub::HubError;

/// Where the socket of a data folder is.
pub(crate) fn path(data: &Path) -> PathBuf {
    data.join("hub.sock")
}

/// Takes the socket. The casebook's lock is held: a socket that is there is a dead hub's.
pub(crate) fn bind(data: &Path) -> Result<UnixListener, HubError> {
    let path = path(data);
    let fail = |source| HubError::Listen {
        what: "the hub's own socket",
        address: path.display().to_string(),
        source,
    };
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(fail(error)),
        _ => {}
    }
    let listener = UnixListener::bind(&path).map_err(fail)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
    Ok(listener)
}

/// Serves `router` to local users until `stop`, then removes the socket.
pub(crate) async fn serve(listener: UnixListener, router: Router, stop: CancellationToken) {
    let path = listener.local_addr().ok().and_then(|at| at.as_pathname().map(Path::to_owned));
    let service = router
        .layer(axum::middleware::from_fn(name_the_user))
        .into_make_service_with_connect_info::<Peer>();
    let ended = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = ended {
        tracing::error!(%error, "the hub's own socket failed");
    }
    if let Some(path) = path {
        let _ = std::fs::remove_file(path);
    }
}

/// Who is at the other end, as the kernel says.
#[derive(Clone, Copy, Debug)]
struct Peer {
    uid: Option<u32>,
}

impl Connected<IncomingStream<'_, UnixListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self { uid: stream.io().peer_cred().ok().map(|peer| peer.uid()) }
    }
}

async fn name_the_user(
    ConnectInfo(peer): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(uid) = peer.uid {
        request.extensions_mut().insert(LocalUser(user_name(uid)));
    }
    next.run(request).await
}

/// The name of a user by `/etc/passwd`, or `uid-N`.
pub(crate) fn user_name(uid: u32) -> String {
    let passwd = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    name_in(&passwd, uid).unwrap_or_else(|| format!("uid-{uid}"))
}

fn name_in(passwd: &str, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, id) = (fields.next()?, fields.next()?, fields.next()?);
        (id == uid && !name.is_empty()).then(|| name.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_named_by_passwd() {
        let passwd = "root:x:0:0:root:/:/bin/sh\nbroken\nalice:x:1000:1000::/srv/alice:\n";
        assert_eq!(name_in(passwd, 0).as_deref(), Some("root"));
        assert_eq!(name_in(passwd, 1000).as_deref(), Some("alice"));
        assert_eq!(name_in(passwd, 10), None);
    }
}
