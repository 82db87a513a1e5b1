//! One call: who, from where, when.

use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};

use rolecall_arn::{AccountId, Region};

use crate::caller::Caller;
use crate::decisions::DecisionId;

/// One call of an operation. It is made where the call enters, by the gateway or by a service that calls another, and
/// goes with the call to every check.
#[derive(Debug)]
pub struct Call {
    /// Who calls.
    pub caller: Caller,
    /// The region that is called.
    pub region: Region,
    /// The id that the answer carries.
    pub request_id: String,
    /// When the call came in, in epoch milliseconds.
    pub time_ms: i64,
    /// Where it came from.
    pub origin: Origin,
    /// Whether the explanations of allowed checks shall be kept too.
    pub explain: bool,
    /// The function in whose behalf Lambda makes this call with the execution role (reference lambda.md 4.5: present
    /// on calls for logs and traces, absent when polling and delivering).
    pub source_function_arn: Option<String>,
    /// `X-Amzn-Trace-Id` as it came. Lambda finds in it by which functions an event has come (reference lambda.md 3.7);
    /// nothing is decided by it.
    pub trace: Option<String>,
    answered_trace: OnceLock<String>,
    decisions: Mutex<Vec<DecisionId>>,
}

/// Where a call came from.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Over HTTP.
    Http {
        /// The peer of the socket; never a header that anybody can write.
        source_ip: Option<IpAddr>,
        /// The `User-Agent` header, empty where absent.
        user_agent: String,
        /// The `Referer` header.
        referer: Option<String>,
        /// Whether the connection is encrypted.
        secure_transport: bool,
    },
    /// From a service of this program, on behalf of a resource.
    Service {
        /// The resource on whose behalf, for example the bucket whose event it is.
        source_arn: Option<String>,
        /// The account that owns that resource.
        source_account: Option<AccountId>,
    },
}

impl Call {
    /// A call by the caller at the time.
    pub fn new(caller: Caller, region: Region, request_id: String, time_ms: i64, origin: Origin) -> Self {
        Call {
            caller,
            region,
            request_id,
            time_ms,
            origin,
            explain: false,
            source_function_arn: None,
            trace: None,
            answered_trace: OnceLock::new(),
            decisions: Mutex::default(),
        }
    }

    /// Says the trace that the call turned out to belong to, once: it is in the answer's `X-Amzn-Trace-Id`.
    pub fn answer_trace(&self, header: String) {
        // Who says it first has begun the trace.
        let _ = self.answered_trace.set(header);
    }

    /// The trace for the answer, where the service said one.
    pub fn answered_trace(&self) -> Option<&str> {
        self.answered_trace.get().map(String::as_str)
    }

    /// Notes a decision whose explanation was kept.
    pub(crate) fn note_decision(&self, id: DecisionId) {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    /// The decisions made for this call whose explanations were kept, in order.
    pub fn decisions(&self) -> Vec<DecisionId> {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
