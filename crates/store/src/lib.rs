//! Records and transactions.
//!
//! Everything that Rolecall remembers is a record in a [`Table`] of the [`State`]. A request reads a snapshot of the
//! state, which is in memory and never changes under it: a read costs no lock and no database round trip. A request
//! writes by handing [`Store::write`] a closure. One writer runs the closures one after the other, so each sees the
//! effects of all before it; it commits many of them with one sync to the disk, publishes the new snapshot, and only
//! then acknowledges. What is acknowledged is durable, and what is decided after the acknowledgement sees it.
//!
//! The database is SQLite, because operators can read it: one SQL table per record table, a JSON body per row. Bundles
//! of code and objects of S3 are files beside it, named by their SHA-256 ([`Blobs`]).

mod blobs;
mod data_dir;
mod decisions;
mod error;
mod log_events;
mod organization_tree;
mod pending;
pub mod records;
mod secret;
mod spares;
mod sqlite;
mod state;
mod store;
mod table;
mod trace_segments;
mod weighed;
mod writer;

pub use blobs::{BlobId, Blobs};
pub use data_dir::{DataDir, write_private};
pub use decisions::StoredDecision;
pub use error::{OpenError, StoreError, WriteError};
pub use log_events::{LogEvent, LogEventQuery, StoredLogEvent};
pub use secret::Secret;
pub use state::State;
pub use store::Store;
pub use table::Table;
pub use trace_segments::{TraceOwner, TraceQuery, TraceSegment, TraceSegmentBatch, TraceTime};
pub use weighed::{Weighed, WeighedTable};
