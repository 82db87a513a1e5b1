//! The promises of the store: acknowledged is durable, refused is undone, and nobody opens what is in use or newer.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use rolecall_arn::AccountId;
use rolecall_store::records::organizations::Account;
use rolecall_store::{
    LogEvent, LogEventQuery, OpenError, Store, TraceOwner, TraceQuery, TraceSegment, TraceSegmentBatch,
    TraceTime, WriteError,
};

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

fn trace_owner() -> TraceOwner {
    (AccountId::from_number(1), "eu-west-1".parse().unwrap())
}

async fn put_segments(
    store: &Store,
    segments: &[(&str, &str, i64, usize)],
    keep_from_ms: i64,
    max_bytes: i64,
) {
    let segments = segments.iter().map(|(trace_id, id, received_ms, length)| TraceSegment {
        trace_id: (*trace_id).to_owned(),
        id: (*id).to_owned(),
        trace_ms: *received_ms,
        received_ms: *received_ms,
        document: "x".repeat(*length),
    });
    let batch =
        TraceSegmentBatch { owner: trace_owner(), segments: segments.collect(), keep_from_ms, max_bytes };
    store
        .write(move |state| {
            state.put_trace_segments(batch);
            Ok::<(), ()>(())
        })
        .await
        .unwrap();
}

async fn traces(store: &Store) -> Vec<String> {
    let (time, after) = (TraceTime::Trace, None);
    let query = TraceQuery {
        owner: trace_owner(),
        time,
        from_ms: 0,
        until_ms: i64::MAX,
        keep_from_ms: 0,
        after,
        limit: 1_000,
    };
    store.traces(query).await.unwrap().into_iter().map(|(_, id)| id).collect()
}

#[tokio::test]
async fn a_segment_takes_the_place_of_one_with_its_id() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    put_segments(&store, &[("t", "a", 1, 10), ("t", "b", 1, 10)], 0, 1_000).await;
    put_segments(&store, &[("t", "a", 2, 5)], 0, 1_000).await;
    let (found, is_whole) = store.trace_segments(trace_owner(), "t".to_owned(), 0, 1_000).await.unwrap();
    let found: Vec<(&str, usize)> =
        found.iter().map(|segment| (segment.id.as_str(), segment.document.len())).collect();
    assert_eq!((found.as_slice(), is_whole), (&[("b", 10), ("a", 5)][..], true));
    let (found, is_whole) = store.trace_segments(trace_owner(), "t".to_owned(), 0, 12).await.unwrap();
    assert_eq!((found.len(), is_whole), (1, false));
}

#[tokio::test]
async fn segments_expire_and_the_oldest_make_room() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    put_segments(&store, &[("old", "a", 1, 10), ("new", "b", 5, 10)], 0, 1_000).await;
    put_segments(&store, &[("newer", "c", 9, 10)], 5, 1_000).await;
    assert_eq!(traces(&store).await, ["new", "newer"]);
    let many: Vec<(String, i64)> = (0..300).map(|number| (format!("t{number:03}"), 100 + number)).collect();
    for (id, received_ms) in &many {
        put_segments(&store, &[(id, "d", *received_ms, 10)], 0, 1_000).await;
    }
    let kept = traces(&store).await;
    assert!((80..=100).contains(&kept.len()) && kept.last().map(String::as_str) == Some("t299"), "{kept:?}");
}
