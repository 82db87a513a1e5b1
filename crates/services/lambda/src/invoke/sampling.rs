//! Which invocations of a function with active tracing are recorded, where the caller has not decided: the first of
//! every second, and five per cent of the others (Lambda's fixed rule; it cannot be configured).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use rolecall_authority::Entropy;

use crate::name::Key;

/// One in so many further invocations: five per cent.
const ONE_IN: u32 = 20;

/// The last second in which an invocation of a function was recorded for being the first.
#[derive(Default)]
pub(crate) struct Sampler(Mutex<HashMap<Key, i64>>);

impl Sampler {
    /// Decides for one invocation.
    pub(crate) fn samples(&self, function: &Key, now_ms: i64, entropy: &dyn Entropy) -> bool {
        let second = now_ms.div_euclid(1000);
        {
            let mut seconds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if seconds.get(function) != Some(&second) {
                seconds.insert(function.clone(), second);
                return true;
            }
        }
        let mut random = [0; 4];
        entropy.fill(&mut random);
        u32::from_le_bytes(random).is_multiple_of(ONE_IN)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    /// Counts instead of being random.
    #[derive(Default)]
    struct Counting(AtomicU32);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            let count = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            bytes.iter_mut().zip(count).for_each(|(byte, digit)| *byte = digit);
        }
    }

    #[test]
    fn the_first_of_a_second_is_recorded_and_five_per_cent_of_the_others() {
        let (sampler, entropy) = (Sampler::default(), Counting(AtomicU32::new(1)));
        let key =
            |name: &str| ("111122223333".parse().unwrap(), "eu-west-1".parse().unwrap(), name.to_owned());
        let sampled = |name: &str, now_ms| sampler.samples(&key(name), now_ms, &entropy);
        assert!(sampled("f", 1_000) && sampled("g", 1_001), "each function has its own first");
        let others = (0..2_000).filter(|_| sampled("f", 1_999)).count();
        assert_eq!(others, 100);
        assert!(sampled("f", 2_000));
    }
}
