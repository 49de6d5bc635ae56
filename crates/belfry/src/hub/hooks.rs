//! Posts what happens to public warnings to those who asked to be told. Only public addresses
//! are posted to, no redirect is followed, nothing of the answer is read but its status,
//! and a post that fails is tried again a bounded number of times (`belfry_casebook`
//! counts them).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use belfry_casebook::Casebook;
use belfry_casebook::warning::Told;
use belfry_console::{Post, Site, posts};
use belfry_inspect::public;
use reqwest::Client;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use url::{Host, Url};

use crate::clock::now;

/// How often it is looked whether there is something to tell.
const PAUSE: Duration = Duration::from_secs(5);
/// How long one post may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tells hooks of warnings until `stop`. With `private`, at addresses of private networks too.
pub(super) async fn keep(casebook: Casebook, site: Site, private: bool, stop: CancellationToken) {
    let client = match client(private) {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "no hook can be told of warnings"),
    };
    loop {
        let told = tokio::select! {
            () = stop.cancelled() => return,
            told = round(&casebook, &site, &client, private) => told,
        };
        if told > 0 {
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// Sends what is due, at most one post a hook; answers how many were taken.
async fn round(casebook: &Casebook, site: &Site, client: &Client, private: bool) -> usize {
    let due = posts(casebook, site, now()).await.unwrap_or_else(|error| {
        tracing::error!(%error, "what hooks are to be told can't be looked up");
        Vec::new()
    });
    let mut sending = JoinSet::new();
    for post in due {
        let (casebook, client) = (casebook.clone(), client.clone());
        sending.spawn(async move {
            let told = send(&client, &post, private).await;
            let name = &post.due.hook.name;
            if let Told::Failed(why) = &told {
                tracing::warn!(hook = %name, %why, "a hook was not told of a warning");
            }
            match casebook.settle_hook(&post.due, &told, now()).await {
                Ok(()) => matches!(told, Told::Taken(_)),
                Err(error) => {
                    tracing::error!(%error, hook = %name, "what a hook was told is not written");
                    false
                }
            }
        });
    }
    sending.join_all().await.into_iter().filter(|taken| *taken).count()
}

fn client(private: bool) -> reqwest::Result<Client> {
    Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .https_only(!private)
        .timeout(PATIENCE)
        .dns_resolver(Arc::new(Resolver { private }))
        .build()
}

async fn send(client: &Client, post: &Post, private: bool) -> Told {
    if let Err(why) = check(&post.due.hook.url, private) {
        return Told::Failed(why);
    }
    let request = client
        .post(&post.due.hook.url)
        .header(CONTENT_TYPE, "application/json")
        .header("webhook-id", &post.id)
        .header("webhook-timestamp", post.seconds)
        .header("webhook-signature", &post.signature)
        .body(post.body.clone());
    match request.send().await {
        Ok(answer) if answer.status().is_success() => Told::Taken(answer.status().to_string()),
        Ok(answer) => Told::Failed(answer.status().to_string()),
        Err(error) => Told::Failed(root(&error)),
    }
}

/// What is at the bottom of an error, without the address.
fn root(error: &reqwest::Error) -> String {
    let mut last: &dyn std::error::Error = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

/// An address by number asks no resolver: it is looked at here.
fn check(url: &str, private: bool) -> Result<(), String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let ip = match url.host() {
        Some(Host::Ipv4(ip)) => ip.into(),
        Some(Host::Ipv6(ip)) => ip.into(),
        _ => return Ok(()),
    };
    if private {
        return Ok(());
    }
    public(ip).map_err(|what| format!("{ip} is not public: {what}"))
}

/// Answers with public addresses only: the connection goes to what was looked at.
struct Resolver {
    private: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let private = self.private;
        Box::pin(async move {
            let found = lookup_host((name.as_str(), 0)).await?;
            let allowed = |at: &SocketAddr| private || public(at.ip()).is_ok();
            let found: Vec<SocketAddr> = found.filter(allowed).collect();
            if found.is_empty() {
                return Err("its name has no public address".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use belfry_casebook::Settings;
    use belfry_casebook::access::{Admin, Authority, Principal, Proof, Role};
    use belfry_casebook::warning::{WarningDraft, WarningText};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn person<A: Authority>(name: &str) -> A {
        let proof = Proof::Passkey { at: now() };
        Principal { name: format!("person:{name}"), role: Role::Admin, proof }.authorize().unwrap()
    }

    /// A casebook with a warning that a hook at `url` is to be told of.
    async fn waiting(url: &str) -> (tempfile::TempDir, Casebook, Site) {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings { data: folder.path().to_owned() };
        let book = Casebook::open(&settings, now()).await.unwrap();
        let admin: Admin = person("root");
        book.add_hook(&admin, "police", url, now()).await.unwrap();
        let text = || WarningText { title: "Beware".into(), body: "of it".into() };
        let texts = [text(), text(), text(), text()];
        let draft = WarningDraft { texts, ..WarningDraft::default() };
        let id = book.draft_warning(&person("ann"), &draft, now()).await.unwrap();
        book.approve_warning(&person("bob"), (id, 1), now()).await.unwrap();
        (folder, book, Site::new("https://r.example").unwrap())
    }

    /// Answers one request with `status`; gives what was sent.
    async fn answer(listener: TcpListener, status: &'static str) -> String {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut sent = Vec::new();
        while !sent.ends_with(b"}") {
            let mut octets = [0; 4096];
            let count = stream.read(&mut octets).await.unwrap();
            assert!(count > 0, "the post ends early");
            sent.extend_from_slice(&octets[..count]);
        }
        let head = format!("HTTP/1.1 {status}\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        String::from_utf8(sent).unwrap()
    }

    async fn last(book: &Casebook) -> String {
        book.hooks().await.unwrap()[0].last.clone().unwrap().0
    }

    #[tokio::test]
    async fn a_hook_is_told_once_and_signed() {
        let listener = TcpListener::bind("127.81.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (_folder, book, site) = waiting(&url).await;
        let server = tokio::spawn(answer(listener, "204 No Content"));
        let client = client(true).unwrap();
        assert_eq!(round(&book, &site, &client, true).await, 1);
        let sent = server.await.unwrap();
        for part in ["POST /hook", "webhook-id: warning-1-police", "webhook-signature: v1,"] {
            assert!(sent.contains(part), "{part}: {sent}");
        }
        assert!(sent.contains("\"type\":\"warning.published\""), "{sent}");
        assert_eq!(round(&book, &site, &client, true).await, 0, "it is not told twice");
    }

    #[tokio::test]
    async fn redirects_and_refusals_are_failures() {
        for status in ["302 Found", "500 Internal Server Error"] {
            let listener = TcpListener::bind("127.81.0.2:0").await.unwrap();
            let url = format!("http://{}/", listener.local_addr().unwrap());
            let (_folder, book, site) = waiting(&url).await;
            let server = tokio::spawn(answer(listener, status));
            assert_eq!(round(&book, &site, &client(true).unwrap(), true).await, 0);
            server.await.unwrap();
            assert_eq!(last(&book).await, status);
        }
    }

    #[tokio::test]
    async fn nothing_is_posted_into_private_networks() {
        for (url, why) in [
            ("https://127.81.0.3:9/", "this machine"),
            ("https://localhost:9/", "no public address"),
            ("https://[::1]:9/", "not public"),
            ("http://192.0.2.1/", "documentation"),
        ] {
            let (_folder, book, site) = waiting(url).await;
            assert_eq!(round(&book, &site, &client(false).unwrap(), false).await, 0);
            let said = last(&book).await;
            assert!(said.contains(why), "{url}: {said}");
        }
    }
}
