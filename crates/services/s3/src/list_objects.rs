//! ListObjectsV2 and ListObjects: one list in two dresses.

use std::sync::Arc;

use rolecall_authority::Call;
use rolecall_store::records::s3::{Bucket, Object};
use rolecall_wire::{ServiceError, Timestamp, s3 as wire};

use crate::S3;
use crate::access::Ask;
use crate::arguments::{max_items, parse_token, token};
use crate::bucket::owner;
use crate::error::S3Error;
use crate::listing::Selection;
use crate::url_encoding;

/// How many keys and groups one answer holds at most.
const MAX_KEYS: usize = 1000;

impl S3 {
    /// ListObjectsV2.
    pub(crate) fn list_objects_v2(
        &self,
        call: &Call,
        input: wire::ListObjectsV2Request,
    ) -> Result<wire::ListObjectsV2Output, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let ask = ask(&bucket, input.prefix.as_deref(), input.delimiter.as_deref(), input.max_keys);
        self.authorize(call, &bucket, ask)?;
        let max = max_items(input.max_keys, MAX_KEYS, "maxKeys")?;
        let style = Style::of(input.encoding_type.as_deref())?;
        let token_text = input.continuation_token.as_deref().map(parse_token).transpose()?;
        let selection = Selection {
            bucket: &bucket.name,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref(),
            after: token_text.as_deref().or(input.start_after.as_deref()),
            max,
        };
        let listing = selection.read(&state);
        let shown_owner = (input.fetch_owner == Some(true)).then(|| owner(bucket.account));
        let count = listing.objects.len() + listing.common_prefixes.len();
        Ok(wire::ListObjectsV2Output {
            is_truncated: Some(listing.next.is_some()),
            contents: Some(style.contents(&listing.objects, shown_owner.as_ref())),
            name: Some(bucket.name.clone()),
            prefix: Some(style.text(selection.prefix)),
            delimiter: input.delimiter.as_deref().map(|delimiter| style.text(delimiter)),
            max_keys: i32::try_from(max).ok(),
            common_prefixes: Some(style.common_prefixes(&listing.common_prefixes)),
            encoding_type: input.encoding_type,
            key_count: i32::try_from(count).ok(),
            next_continuation_token: listing.next.as_deref().map(token),
            start_after: input.start_after.as_deref().map(|after| style.text(after)),
            continuation_token: input.continuation_token,
            request_charged: None,
        })
    }

    /// ListObjects, the older form.
    pub(crate) fn list_objects(
        &self,
        call: &Call,
        input: wire::ListObjectsRequest,
    ) -> Result<wire::ListObjectsOutput, ServiceError> {
        let state = self.platform.store.read();
        let bucket = self.find_bucket(call, &state, &input.bucket, input.expected_bucket_owner.as_deref())?;
        let ask = ask(&bucket, input.prefix.as_deref(), input.delimiter.as_deref(), input.max_keys);
        self.authorize(call, &bucket, ask)?;
        let max = max_items(input.max_keys, MAX_KEYS, "maxKeys")?;
        let style = Style::of(input.encoding_type.as_deref())?;
        let selection = Selection {
            bucket: &bucket.name,
            prefix: input.prefix.as_deref().unwrap_or_default(),
            delimiter: input.delimiter.as_deref(),
            after: input.marker.as_deref().filter(|marker| !marker.is_empty()),
            max,
        };
        let listing = selection.read(&state);
        // Without a delimiter the next marker is the last key of the page, and S3 leaves it to the caller to see it.
        let next_marker = listing.next.as_deref().filter(|_| input.delimiter.is_some());
        Ok(wire::ListObjectsOutput {
            is_truncated: Some(listing.next.is_some()),
            marker: Some(style.text(input.marker.as_deref().unwrap_or_default())),
            next_marker: next_marker.map(|marker| style.text(marker)),
            contents: Some(style.contents(&listing.objects, Some(&owner(bucket.account)))),
            name: Some(bucket.name.clone()),
            prefix: Some(style.text(selection.prefix)),
            delimiter: input.delimiter.as_deref().map(|delimiter| style.text(delimiter)),
            max_keys: i32::try_from(max).ok(),
            common_prefixes: Some(style.common_prefixes(&listing.common_prefixes)),
            encoding_type: input.encoding_type,
            request_charged: None,
        })
    }
}

/// `s3:ListBucket` with what is listed, so that a policy can allow a prefix only.
fn ask(
    bucket: &Bucket,
    prefix: Option<&str>,
    delimiter: Option<&str>,
    max_keys: Option<i32>,
) -> Ask<'static> {
    Ask::bucket("s3:ListBucket", &bucket.name)
        .key_if("s3:prefix", prefix)
        .key_if("s3:delimiter", delimiter)
        .key_if("s3:max-keys", max_keys)
}

/// How keys are written.
#[derive(Clone, Copy)]
enum Style {
    Plain,
    UrlEncoded,
}

impl Style {
    fn of(encoding_type: Option<&str>) -> Result<Self, S3Error> {
        match encoding_type {
            None | Some("") => Ok(Style::Plain),
            Some("url") => Ok(Style::UrlEncoded),
            Some(other) => {
                Err(S3Error::argument("Invalid Encoding Method specified in Request", "encoding-type", other))
            }
        }
    }

    fn text(self, text: &str) -> String {
        match self {
            Style::Plain => text.to_owned(),
            Style::UrlEncoded => url_encoding::encode(text),
        }
    }

    fn contents(self, objects: &[(String, Arc<Object>)], owner: Option<&wire::Owner>) -> Vec<wire::Object> {
        let shown = |(key, object): &(String, Arc<Object>)| wire::Object {
            key: Some(self.text(key)),
            last_modified: Some(Timestamp(object.last_modified_ms)),
            e_tag: Some(format!("\"{}\"", object.etag)),
            checksum_algorithm: Some(object.checksums.keys().cloned().collect()),
            checksum_type: Some("FULL_OBJECT".to_owned()),
            size: i64::try_from(object.size).ok(),
            storage_class: Some("STANDARD".to_owned()),
            owner: owner.cloned(),
            restore_status: None,
        };
        objects.iter().map(shown).collect()
    }

    fn common_prefixes(self, prefixes: &[String]) -> Vec<wire::CommonPrefix> {
        prefixes.iter().map(|prefix| wire::CommonPrefix { prefix: Some(self.text(prefix)) }).collect()
    }
}
