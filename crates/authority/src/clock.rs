//! Time and randomness come from outside, so that a test can replay a run.

use std::time::Duration;

use async_trait::async_trait;
use rolecall_arn::{UniqueId, UniqueIdKind};

/// How long a sleep lasts at most, in milliseconds, so that a clock that is set keeps nobody asleep.
const MAX_SLEEP_MS: i64 = 60_000;

/// Where the time comes from.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time in epoch milliseconds.
    fn now_ms(&self) -> i64;

    /// Sleeps until the time in epoch milliseconds, but for a minute at most: whoever wakes looks at the clock again.
    async fn sleep_until(&self, time_ms: i64) {
        let sleep_ms = time_ms.saturating_sub(self.now_ms()).clamp(0, MAX_SLEEP_MS);
        tokio::time::sleep(Duration::from_millis(sleep_ms.unsigned_abs())).await;
    }
}

/// The machine's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// Where randomness comes from.
pub trait Entropy: Send + Sync {
    /// Fills the buffer with random bytes.
    fn fill(&self, buffer: &mut [u8]);

    /// A new unique id of the kind.
    fn unique_id(&self, kind: UniqueIdKind) -> UniqueId {
        let mut random = [0; 16];
        self.fill(&mut random);
        UniqueId::from_random(kind, random)
    }

    /// A new secret access key: forty characters of base64, as AWS makes them.
    fn secret_access_key(&self) -> String {
        let mut random = [0; 30];
        self.fill(&mut random);
        data_encoding::BASE64.encode(&random)
    }

    /// A new random UUID, for revision ids and request ids.
    fn uuid(&self) -> String {
        let mut random = [0; 16];
        self.fill(&mut random);
        uuid::Builder::from_random_bytes(random).into_uuid().to_string()
    }

    /// Text of the given length from the given ASCII alphabet, which has at most 256 characters.
    fn text(&self, alphabet: &[u8], length: usize) -> String {
        let mut random = vec![0; length];
        self.fill(&mut random);
        let pick = |byte: &u8| {
            alphabet.get(usize::from(*byte) % alphabet.len().max(1)).map(|pick| char::from(*pick))
        };
        random.iter().filter_map(pick).collect()
    }
}

/// The operating system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        rand::fill(buffer);
    }
}
