//! Hostile pages of our own, served on loopback: what a page may do to its visitor.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// A site on ports of its own.
pub(crate) struct Site {
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
}

/// Starts it on `address`; it ends with the test's runtime.
pub(crate) async fn start(address: IpAddr) -> Site {
    let plain = TcpListener::bind((address, 0)).await.unwrap();
    let secure = TcpListener::bind((address, 0)).await.unwrap();
    let site = Site { http: plain.local_addr().unwrap(), https: secure.local_addr().unwrap() };
    tokio::spawn(async move {
        while let Ok((stream, _)) = plain.accept().await {
            tokio::spawn(serve(stream));
        }
    });
    let tls = tls();
    tokio::spawn(async move {
        while let Ok((stream, _)) = secure.accept().await {
            let tls = tls.clone();
            tokio::spawn(async move {
                if let Ok(stream) = tls.accept(stream).await {
                    serve(stream).await;
                }
            });
        }
    });
    site
}

fn tls() -> TlsAcceptor {
    let names = ["login.bank.test".to_owned(), "other.bank.test".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return,
            Ok(read) => request.extend_from_slice(&chunk[..read]),
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let target = request.split(' ').nth(1).unwrap_or("/").to_owned();
    let _gone = answer(&mut stream, &target, &request).await;
}

async fn answer(
    stream: &mut (impl AsyncWrite + Unpin),
    target: &str,
    request: &str,
) -> std::io::Result<()> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    match path {
        "/to" => redirect(stream, query).await,
        "/circle" => redirect(stream, "/circle").await,
        "/endless" => endless(stream).await,
        "/silent" => {
            tokio::time::sleep(Duration::from_secs(60)).await;
            Ok(())
        }
        "/file" => {
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\
                        Content-Disposition: attachment; filename=\"invoice.apk\"\r\n\
                        Content-Length: 4\r\nConnection: close\r\n\r\nPK\x03\x04";
            stream.write_all(head.as_bytes()).await
        }
        "/missing" => whole(stream, "404 Not Found", "").await,
        _ => whole(stream, "200 OK", &page(path, query, request)).await,
    }
}

/// The pages; `query` is put into some of them as it is.
fn page(path: &str, query: &str, request: &str) -> String {
    match path {
        "/login" => "<title>Your bank</title><h1>Log in to Your bank</h1>\
             <form action='https://drop.test/take' method='POST'><input name=action value=x>\
             <label>PIN <input type=password name=pin></label><button>Go</button></form>"
            .to_owned(),
        "/storm" => "<title>storm</title><script>for(;;)alert('call 0800')</script>".to_owned(),
        "/busy" => "<title>busy</title><p>wait</p><script>setTimeout(()=>{for(;;);},100)</script>".to_owned(),
        "/script" => format!("<p>moving</p><script>location.href='{query}'</script>"),
        "/meta" => format!("<meta http-equiv=refresh content='0;url={query}'><p>moving"),
        "/again" => "<p>again</p><script>location.href='/again?'+Math.random()</script>".to_owned(),
        "/image" => format!("<p>a picture</p><img src='{query}'>"),
        "/agent" => {
            let phone = request.contains("Mobile Safari");
            format!("<p>you are {}</p>", if phone { "a phone" } else { "a desk" })
        }
        "/windows" => "<p>opens</p><script>for(let i=0;i<50;i++)window.open('/login')</script>".to_owned(),
        "/rtc" => "<p>rtc</p><script>const c=new RTCPeerConnection({iceServers:[{urls:'stun:127.0.0.1:9'}]});\
             c.createDataChannel('x');c.createOffer().then(o=>c.setLocalDescription(o));\
             c.onicecandidate=e=>{if(e.candidate)document.body.append(' CANDIDATE '+e.candidate.candidate)}</script>"
            .to_owned(),
        "/empty" => String::new(),
        _ => "<title>hello</title><p>hello</p>".to_owned(),
    }
}

async fn whole(
    stream: &mut (impl AsyncWrite + Unpin),
    status: &str,
    body: &str,
) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.flush().await
}

async fn redirect(stream: &mut (impl AsyncWrite + Unpin), to: &str) -> std::io::Result<()> {
    let head = format!(
        "HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await
}

/// A page that never ends.
async fn endless(stream: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<()> {
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>more").await?;
    let more = vec![b'x'; 64 << 10];
    loop {
        stream.write_all(&more).await?;
    }
}
