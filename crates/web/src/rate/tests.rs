//! The limits as a client meets them.

use axum::Router;
use axum::body::Body;
use axum::http::header;
use axum::routing::get;
use tower::ServiceExt;

use super::*;

fn router(rates: Rates) -> (Router, RateLimits) {
    let limits = RateLimits::new(rates);
    let layer = axum::middleware::from_fn_with_state(limits.clone(), limit_rates);
    // As the extractor of a bearer does it.
    let answer = async |request: Request| {
        let bearer = request.headers()[header::AUTHORIZATION].to_str().unwrap();
        if bearer == "Bearer wrong" {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        match request.extensions().get::<RateLimits>().map(|limits| limits.admit_bearer(bearer)) {
            Some(Err(problem)) => problem.into_response(),
            _ => StatusCode::OK.into_response(),
        }
    };
    (Router::new().route("/", get(answer)).layer(layer), limits)
}

fn rates(client: u32, token: u32, failures: u32) -> Rates {
    let rate = |burst| Rate { burst, per_minute: 1 };
    Rates { client: rate(client), token: rate(token), failures: rate(failures) }
}

async fn ask(router: &Router, peer: Option<&str>, token: &str) -> (u16, Option<String>) {
    let mut request =
        Request::builder().uri("/").header(header::AUTHORIZATION, format!("Bearer {token}"));
    if let Some(peer) = peer {
        request = request.extension(Peer(peer.parse().unwrap()));
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let after = response.headers().get(header::RETRY_AFTER);
    (response.status().as_u16(), after.map(|after| after.to_str().unwrap().to_owned()))
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_when_to_come_back() {
    let (router, limits) = router(rates(2, 100, 100));
    for peer in ["2001:db8::1", "2001:db8::2"] {
        assert_eq!(ask(&router, Some(peer), "a").await.0, 200);
    }
    let (status, after) = ask(&router, Some("2001:db8::ffff"), "b").await;
    assert_eq!((status, after.as_deref()), (429, Some("60")), "a /64 is one client");
    assert_eq!(ask(&router, Some("2001:db8:0:1::1"), "a").await.0, 200);
    assert_eq!(ask(&router, Some("192.0.2.1"), "a").await.0, 200);
    assert_eq!(limits.inner.refused.get_or_create(&[("limit", "client")]).get(), 1);
}

#[tokio::test]
async fn a_token_is_limited_wherever_it_is_used() {
    let (router, _) = router(rates(100, 2, 100));
    assert_eq!(ask(&router, Some("192.0.2.1"), "a").await.0, 200);
    assert_eq!(ask(&router, Some("192.0.2.2"), "a").await.0, 200);
    assert_eq!(ask(&router, Some("192.0.2.3"), "a").await.0, 429);
    assert_eq!(ask(&router, Some("192.0.2.3"), "b").await.0, 200);
}

#[tokio::test]
async fn wrong_tokens_are_limited_harder() {
    let (router, limits) = router(rates(100, 100, 2));
    let guesser = Some("192.0.2.1");
    for _ in 0..2 {
        assert_eq!(ask(&router, guesser, "wrong").await.0, 401);
    }
    assert_eq!(ask(&router, guesser, "wrong").await.0, 429);
    assert_eq!(ask(&router, guesser, "right").await.0, 429, "a right guess does not show");
    assert_eq!(ask(&router, Some("192.0.2.2"), "right").await.0, 200);
    assert_eq!(limits.inner.refused.get_or_create(&[("limit", "failures")]).get(), 2);
}

#[tokio::test]
async fn who_comes_by_no_port_is_not_limited() {
    let (router, _) = router(rates(1, 1, 1));
    for _ in 0..5 {
        assert_eq!(ask(&router, None, "a").await.0, 200);
    }
}
