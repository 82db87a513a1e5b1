//! Every way in which a signature, a key or a token is not good, for every service, in the service's own words.

use rolecall_authority::{Session, SessionHolder};
use rolecall_sigv4::{Credentials, SecretKey};
use rolecall_store::Secret;
use rolecall_testkit::ACCOUNT;

use crate::message::{Message, now_s};
use crate::server::{ALLOW_ALL, Server, with_secret, with_token};
use crate::wire_shapes::{SHAPES, Shape};

#[tokio::test]
async fn a_good_signature_is_taken_by_every_service_and_by_the_credential_scope() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for Shape { service, call, .. } in &SHAPES {
        let reply = call().signed(&admin, service).send(server.address).await;
        // Organizations says that there is none, which only the allowed get to hear.
        let expected = if *service == "organizations" { 400 } else { 200 };
        assert_eq!(reply.status, expected, "{service}: {reply:?}");
        assert!(!reply.body.contains("AccessDenied"), "{service}: {reply:?}");
    }
    // The scope and not the path says whose request it is.
    let reply =
        Message::new("GET", "/2015-03-31/functions", "").signed(&admin, "s3").send(server.address).await;
    reply.refuses(404, "NoSuchBucket");
    let reply = Message::new("GET", "/bucket/key", "").signed(&admin, "lambda").send(server.address).await;
    assert_eq!(reply.status, 404, "{reply:?}");
    let reply = Message::new("GET", "/", "").signed(&admin, "dynamodb").send(server.address).await;
    reply.refuses(501, "UnknownService");
}

#[tokio::test]
async fn an_unsigned_request_is_refused_in_the_words_of_its_service() {
    let server = Server::start().await;
    for Shape { service, call, unsigned, .. } in &SHAPES {
        let reply = call().send(server.address).await;
        reply.refuses(unsigned.0, unsigned.1);
        assert!(!reply.body.is_empty(), "{service}");
    }
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key_are_refused_by_every_service_and_carrier() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let wrong = with_secret(&admin, "not-the-secret");
    let unknown = Credentials { access_key_id: "AKIANOBODYNOBODY0000".to_owned(), ..admin.clone() };
    for Shape { service, call, mismatch, unknown_key, .. } in &SHAPES {
        call().signed(&wrong, service).send(server.address).await.refuses(mismatch.0, mismatch.1);
        call().signed(&unknown, service).send(server.address).await.refuses(unknown_key.0, unknown_key.1);
        if *service == "s3" {
            let presigned = |who| call().presigned(who, service, 60);
            presigned(&wrong).send(server.address).await.refuses(mismatch.0, mismatch.1);
            presigned(&unknown).send(server.address).await.refuses(unknown_key.0, unknown_key.1);
        }
    }
}

#[tokio::test]
async fn an_inactive_or_deleted_key_is_refused_on_the_next_request() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let call = || Message::new("GET", "/2015-03-31/functions", "").signed(&admin, "lambda");
    assert_eq!(call().send(server.address).await.status, 200);
    for change in [true, false] {
        let id = admin.access_key_id.clone();
        server
            .house
            .write(move |state| match change {
                true => drop(state.access_keys.update(&id, |key| key.active = false)),
                false => drop(state.access_keys.remove(&id)),
            })
            .await;
        call().send(server.address).await.refuses(403, "UnrecognizedClientException");
    }
}

#[tokio::test]
async fn a_signature_of_another_time_is_refused_by_every_service() {
    let server = Server::start().await;
    let admin = server.admin().await;
    for Shape { service, call, skewed, .. } in &SHAPES {
        for time_s in [now_s() - 16 * 60, now_s() + 16 * 60, now_s() - 366 * 86_400] {
            let reply = call().signed_at(&admin, service, time_s).send(server.address).await;
            reply.refuses(skewed.0, skewed.1);
        }
    }
    let old = Message::new("GET", "/", "").presigned(&admin, "s3", 0);
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    old.send(server.address).await.refuses(403, "Request has expired");
}

fn session_of_admin(server: &Server, expires_ms: i64) -> Credentials {
    let state = server.house.platform.store.read();
    let account = ACCOUNT.parse().unwrap();
    let user = state.users.get(&(account, "admin".to_owned())).unwrap();
    let session = Session {
        access_key_id: "ASIATESTTESTTESTTEST".to_owned(),
        secret: Secret::new("session-secret"),
        issued_ms: 0,
        expires_ms,
        holder: SessionHolder::User { account, user_id: user.id.clone(), user_name: "admin".to_owned() },
    };
    let issued = server.house.platform.authority.issue(session).unwrap();
    let key = Credentials {
        access_key_id: "ASIATESTTESTTESTTEST".to_owned(),
        secret: SecretKey::new("session-secret"),
        session_token: None,
    };
    with_token(&key, issued.token.expose())
}

#[tokio::test]
async fn a_session_token_that_is_missing_foreign_altered_or_old_is_refused() {
    let server = Server::start().await;
    let admin = server.admin().await;
    let now_ms = now_s() * 1000;
    let good = session_of_admin(&server, now_ms + 60_000);
    let token = good.session_token.clone().unwrap();
    let lambda = || Message::new("GET", "/2015-03-31/functions", "");
    assert_eq!(lambda().signed(&good, "lambda").send(server.address).await.status, 200);

    let missing = Credentials { session_token: None, ..good.clone() };
    let foreign = with_token(&admin, token.expose());
    let altered = with_token(&good, &token.expose().replacen('A', "B", 1));
    let old = session_of_admin(&server, now_ms - 1);
    for Shape { service, call, unknown_key, bad_token, expired_token, .. } in &SHAPES {
        let reply = async |who| call().signed(who, service).send(server.address).await;
        reply(&missing).await.refuses(unknown_key.0, unknown_key.1);
        reply(&foreign).await.refuses(bad_token.0, bad_token.1);
        reply(&altered).await.refuses(bad_token.0, bad_token.1);
        reply(&old).await.refuses(expired_token.0, expired_token.1);
    }
    // A token that is there and not signed could be anybody's.
    let unsigned_token = lambda().signed(&admin, "lambda").with("x-amz-security-token", token.expose());
    assert_eq!(unsigned_token.send(server.address).await.status, 403);
}

#[tokio::test]
async fn the_session_of_a_deleted_user_is_nobodys() {
    let server = Server::start().await;
    server.admin().await;
    let session = session_of_admin(&server, now_s() * 1000 + 60_000);
    server
        .house
        .write(|state| {
            state.users.remove(&(ACCOUNT.parse().unwrap(), "admin".to_owned()));
        })
        .await;
    server.house.add_user(ACCOUNT, "admin", Some(ALLOW_ALL)).await;
    let reply = Message::new("GET", "/2015-03-31/functions", "").signed(&session, "lambda");
    reply.send(server.address).await.refuses(403, "UnrecognizedClientException");
}
