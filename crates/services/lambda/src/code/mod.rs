//! Zip files of functions and layers: where they come from, what is in them, where they are unzipped, and the links
//! under which they are given back.

mod cache;
pub(crate) mod links;
mod source;
mod unzip;

pub(crate) use cache::CodeCache;
pub(crate) use source::Source;
pub(crate) use unzip::MAX_UNZIPPED_BYTES;
