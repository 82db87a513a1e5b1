//! The promises of the store: acknowledged is durable, refused is undone, and nobody opens what is in use or newer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rolecall_arn::AccountId;
use rolecall_store::records::organizations::Account;
use rolecall_store::{LogEvent, LogEventQuery, OpenError, Store, WriteError};

fn account(number: u64) -> Account {
    Account {
        id: AccountId::from_number(number),
        name: format!("account {number}"),
        email: String::new(),
        created_ms: 0,
        organization: None,
        joined_ms: None,
        create_request: None,
        alias: None,
    }
}

async fn add(store: &Store, number: u64) {
    let record = account(number);
    store
        .write(move |state| {
            state.accounts.put(record.id, record);
            Ok::<(), ()>(())
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for number in 0..10 {
        add(&store, number).await;
        assert!(store.read().accounts.contains(&AccountId::from_number(number)));
    }
    store.close();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.read().accounts.len(), 10);
    assert_eq!(**store.read().accounts.get(&AccountId::from_number(3)).unwrap(), account(3));
}

#[tokio::test]
async fn a_refused_transaction_leaves_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let refused = store
        .write(|state| {
            state.accounts.put(AccountId::from_number(1), account(1));
            Err::<(), _>("no")
        })
        .await;
    assert!(matches!(refused, Err(WriteError::Refused("no"))));
    add(&store, 2).await;
    store.close();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(store.read().accounts.len(), 1);
}

#[tokio::test]
async fn a_directory_in_use_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let _store = Store::open(directory.path()).unwrap();
    let second = Store::open(directory.path()).err().unwrap();
    assert!(matches!(second, OpenError::InUse { .. }), "{second}");
}

#[tokio::test]
async fn a_newer_directory_is_refused_in_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    Store::open(directory.path()).unwrap().close();
    let database = rusqlite::Connection::open(directory.path().join("rolecall.sqlite")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    let error = Store::open(directory.path()).err().unwrap();
    assert!(error.to_string().contains("written by a newer rolecall"), "{error}");
    assert_eq!(error.to_string().lines().count(), 1);
}

#[tokio::test]
async fn blobs_that_no_record_names_are_swept_at_start() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let id = store.blobs().put(b"orphan").unwrap();
    assert_eq!(store.blobs().get(&id).unwrap(), b"orphan");
    store.close();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert!(store.blobs().get(&id).is_err());
}

#[tokio::test]
async fn log_events_are_read_in_the_order_of_time() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let group = (AccountId::from_number(1), "eu-west-1".parse().unwrap(), "g".to_owned());
    let event = |timestamp_ms: i64| LogEvent {
        group: group.clone(),
        stream: "s".to_owned(),
        timestamp_ms,
        ingestion_ms: 100,
        message: format!("at {timestamp_ms}"),
    };
    let events = [event(3), event(1), event(2)];
    store
        .write(move |state| {
            state.append_log_events(events);
            Ok::<(), ()>(())
        })
        .await
        .unwrap();
    let query = LogEventQuery {
        group: group.clone(),
        streams: vec!["s".to_owned()],
        from_ms: Some(2),
        until_ms: None,
        after: None,
        oldest_first: true,
        limit: 10,
    };
    let found: Vec<i64> =
        store.log_events(query).await.unwrap().iter().map(|event| event.timestamp_ms).collect();
    assert_eq!(found, [2, 3]);
}

#[tokio::test]
async fn the_generation_grows_only_with_what_decisions_depend_on() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let before = store.read().policy_generation();
    add(&store, 1).await;
    let after = store.read().policy_generation();
    assert!(after > before);
    store
        .write(|state| {
            state.append_log_events([]);
            Ok::<(), ()>(())
        })
        .await
        .unwrap();
    assert_eq!(store.read().policy_generation(), after);
}
