//! What is left of the store's promises when the disk, a transaction or the timing goes wrong.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rolecall_arn::{AccountId, Region};
use rolecall_store::records::organizations::Account;
use rolecall_store::{
    LogEvent, LogEventQuery, State, Store, StoreError, StoredDecision, WriteError, write_private,
};

fn account(number: u64, name: &str) -> Account {
    Account {
        id: AccountId::from_number(number),
        name: name.to_owned(),
        email: String::new(),
        created_ms: 0,
        organization: None,
        joined_ms: None,
        create_request: None,
        alias: None,
    }
}

fn put(number: u64, name: &str) -> impl FnOnce(&mut State) -> Result<(), &'static str> + Send + 'static {
    let record = account(number, name);
    move |state| {
        state.accounts.put(record.id, record);
        Ok(())
    }
}

fn group() -> (AccountId, Region, String) {
    (AccountId::from_number(1), "eu-west-1".parse().unwrap(), "g".to_owned())
}

fn event(message: &str) -> LogEvent {
    LogEvent {
        group: group(),
        stream: "s".to_owned(),
        timestamp_ms: 1,
        ingestion_ms: 1,
        message: message.to_owned(),
    }
}

async fn messages(store: &Store) -> Vec<String> {
    let query = LogEventQuery {
        group: group(),
        streams: Vec::new(),
        from_ms: None,
        until_ms: None,
        after: None,
        oldest_first: true,
        limit: 100,
    };
    store.log_events(query).await.unwrap().into_iter().map(|event| event.message).collect()
}

/// Keeps the writer busy, so that what is written meanwhile goes into one batch.
async fn hold_the_writer(store: &Arc<Store>) -> tokio::task::JoinHandle<()> {
    let store = Arc::clone(store);
    let held = tokio::spawn(async move {
        let sleep = |_: &mut State| {
            std::thread::sleep(Duration::from_millis(100));
            Ok::<(), ()>(())
        };
        store.write(sleep).await.unwrap();
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_writers_lose_nothing_and_each_sees_all_before_it() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(directory.path()).unwrap());
    store.write(put(0, "0")).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for turn in 0..50 {
                    let count = move |state: &mut State| {
                        let key = AccountId::from_number(0);
                        state.accounts.update(&key, |record| {
                            record.name = (record.name.parse::<u64>().unwrap() + 1).to_string();
                        });
                        // Every other one is refused after its change, which must then not count.
                        if turn % 2 == 0 { Ok(()) } else { Err(()) }
                    };
                    let written = store.write(count).await;
                    assert_eq!(written.is_ok(), turn % 2 == 0);
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let count = |store: &Store| store.read().accounts.get(&AccountId::from_number(0)).unwrap().name.clone();
    assert_eq!(count(&store), "200");
    store.close();
    drop(store);
    assert_eq!(count(&Store::open(directory.path()).unwrap()), "200");
}

#[tokio::test]
async fn log_events_are_removed_and_appended_in_the_order_of_the_transactions() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(directory.path()).unwrap());
    let held = hold_the_writer(&store).await;
    let append = |text: &'static str| {
        store.write(move |state| {
            state.append_log_events([event(text)]);
            Ok::<(), ()>(())
        })
    };
    let remove = store.write(|state| {
        state.remove_log_events(group(), Some("s".to_owned()));
        Ok::<(), ()>(())
    });
    let (before, removed, after) = tokio::join!(append("before"), remove, append("after"));
    for written in [before, removed, after] {
        written.unwrap();
    }
    held.await.unwrap();
    assert_eq!(messages(&store).await, ["after"]);
}

#[tokio::test]
async fn a_refusal_undoes_log_events_too_and_only_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(directory.path()).unwrap());
    let held = hold_the_writer(&store).await;
    let append = |text: &'static str, result: Result<(), ()>| {
        store.write(move |state| {
            state.append_log_events([event(text)]);
            result
        })
    };
    let refused_removal = store.write(|state| {
        state.remove_log_events(group(), None);
        Err::<(), ()>(())
    });
    let (one, two, three, four) = tokio::join!(
        append("kept", Ok(())),
        append("refused", Err(())),
        refused_removal,
        append("kept too", Ok(()))
    );
    assert!(one.is_ok() && two.is_err() && three.is_err() && four.is_ok());
    held.await.unwrap();
    assert_eq!(messages(&store).await, ["kept", "kept too"]);
}

#[tokio::test]
async fn a_batch_that_cannot_be_committed_changes_nothing_and_the_next_one_works() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(Store::open(directory.path()).unwrap());
    store.write(put(1, "before")).await.unwrap();
    let database = rusqlite::Connection::open(directory.path().join("rolecall.sqlite")).unwrap();
    database
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON accounts WHEN NEW.body LIKE '%poison%'
             BEGIN SELECT RAISE(ABORT, 'no room'); END;",
        )
        .unwrap();
    let generation = store.read().policy_generation();
    let held = hold_the_writer(&store).await;
    let (neighbour, poisoned) = tokio::join!(store.write(put(1, "after")), store.write(put(2, "poison")));
    held.await.unwrap();
    // The two went into one batch, so neither happened.
    assert!(matches!(neighbour, Err(WriteError::Store(StoreError::Database(_)))));
    assert!(matches!(poisoned, Err(WriteError::Store(StoreError::Database(_)))));
    let state = store.read();
    assert_eq!(state.accounts.get(&AccountId::from_number(1)).unwrap().name, "before");
    assert_eq!((state.accounts.len(), state.policy_generation()), (1, generation));
    store.write(put(3, "later")).await.unwrap();
    store.close();
    drop((store, state));
    let state = Store::open(directory.path()).unwrap().read();
    let names: Vec<String> = state.accounts.iter().map(|(_, account)| account.name.clone()).collect();
    assert_eq!(names, ["before", "later"]);
}

#[tokio::test]
async fn a_transaction_that_panics_is_undone_and_does_not_stop_the_writer() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    let panicked = store
        .write(|state: &mut State| -> Result<(), &str> {
            put(1, "half done")(state)?;
            panic!("a defect");
        })
        .await;
    assert!(matches!(panicked, Err(WriteError::Store(StoreError::Aborted))));
    store.write(put(2, "later")).await.unwrap();
    assert_eq!(store.read().accounts.len(), 1);
}

#[tokio::test]
async fn a_decision_is_there_once_the_store_has_settled() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(directory.path()).unwrap();
    for index in 0..100 {
        let decision = StoredDecision { id: format!("id-{index}"), time_ms: 0, body: "{}".to_owned() };
        store.keep_decision(decision.clone());
        store.settle().await.unwrap();
        assert_eq!(store.decision(decision.id.clone()).await.unwrap(), Some(decision));
    }
    store.close();
    assert!(matches!(store.settle().await, Err(StoreError::Closed)));
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn nobody_else_may_read_the_records_whatever_the_directory_allows() {
    let directory = tempfile::tempdir().unwrap();
    let data = directory.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    let database = data.join("rolecall.sqlite");
    std::fs::write(&database, "").unwrap();
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open(&data).unwrap();
    store.write(put(1, "name")).await.unwrap();
    store.blobs().put(b"code").unwrap();
    for file in ["rolecall.sqlite", "rolecall.sqlite-wal", "rolecall.sqlite-shm", "lock"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&data.join("blobs")), 0o700);
}

#[test]
fn a_private_file_is_replaced_as_a_whole_and_keeps_no_wider_permissions() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    std::fs::write(&path, "half").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    write_private(&path, b"whole").unwrap();
    assert_eq!((std::fs::read(&path).unwrap(), mode(&path)), (b"whole".to_vec(), 0o600));
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn files_that_are_no_blobs_do_not_keep_the_store_from_opening() {
    let directory = tempfile::tempdir().unwrap();
    Store::open(directory.path()).unwrap().close();
    std::fs::write(directory.path().join("blobs/README"), "left here by somebody").unwrap();
    Store::open(directory.path()).unwrap();
}

/// A file system of one megabyte; none where this user may not mount one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(at: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(at).status();
        mounted.is_ok_and(|status| status.success()).then(|| SmallDisk(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test]
async fn a_full_disk_loses_nothing_acknowledged_and_stays_readable() {
    let directory = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(directory.path()) else {
        eprintln!("not run: this user may not mount a small file system");
        return;
    };
    let store = Store::open(directory.path()).unwrap();
    let mut acknowledged = 0;
    let big = "x".repeat(20_000);
    for number in 1..200 {
        match store.write(put(number, &big)).await {
            Ok(()) => acknowledged = number,
            Err(WriteError::Store(_)) => break,
            Err(WriteError::Refused(refusal)) => panic!("{refusal}"),
        }
    }
    assert!((5..199).contains(&acknowledged), "{acknowledged}");
    assert!(store.blobs().put(&vec![7; 900_000]).is_err());
    let len = |store: &Store| u64::try_from(store.read().accounts.len()).unwrap();
    assert_eq!(len(&store), acknowledged);
    assert!(messages(&store).await.is_empty());
    store.close();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(len(&store), acknowledged);
    // With room again, everything goes on.
    let grown = Command::new("mount").args(["-o", "remount,size=8m"]).arg(directory.path()).status();
    assert!(grown.unwrap().success());
    store.write(put(500, "later")).await.unwrap();
    store.close();
    drop(store);
    let store = Store::open(directory.path()).unwrap();
    assert_eq!(len(&store), acknowledged + 1);
    drop((store, disk));
}
