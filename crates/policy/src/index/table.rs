//! Numbers by hash: made once, looked up often, and hardly larger than what is in it.

/// Something filed under a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Posting {
    pub(super) hash: u32,
    pub(super) statement: u32,
    /// The number of the pattern in the statement that the hash is of.
    pub(super) pattern: u32,
}

/// Postings by the upper bits of their hashes, and where those with the same upper bits begin.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// So many of the hash's lower bits say nothing about the place.
    shift: u32,
    starts: Box<[u32]>,
    postings: Box<[Posting]>,
}

impl Table {
    pub(super) fn build(postings: Vec<Posting>) -> Self {
        let Some(first) = postings.first() else { return Table::default() };
        let bits = (postings.len() / 2).next_power_of_two().trailing_zeros().clamp(1, 31);
        let shift = 32 - bits;
        let mut starts = vec![0; (1 << bits) + 1];
        for posting in &postings {
            if let Some(next) = starts.get_mut((posting.hash >> shift) as usize + 1) {
                *next += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut filed = vec![*first; postings.len()];
        let mut free = starts.clone();
        for posting in &postings {
            if let Some(place) = free.get_mut((posting.hash >> shift) as usize)
                && let Some(slot) = filed.get_mut(*place as usize)
            {
                *slot = *posting;
                *place += 1;
            }
        }
        Table { shift, starts: starts.into(), postings: filed.into() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.postings.is_empty()
    }

    /// What is filed under the hash.
    pub(super) fn under(&self, hash: u32) -> impl Iterator<Item = &Posting> {
        let place = (hash >> self.shift) as usize;
        let range = match self.starts.get(place..) {
            Some([start, end, ..]) => *start as usize..*end as usize,
            _ => 0..0,
        };
        let postings = self.postings.get(range).unwrap_or_default();
        postings.iter().filter(move |posting| posting.hash == hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filed_under_a_hash_is_found_and_nothing_else() {
        assert_eq!(Table::default().under(7).count(), 0);
        for count in [1_u32, 2, 3, 100, 1000] {
            let hash = |number: u32| (number / 3).wrapping_mul(0x9e37_79b9);
            let postings =
                (0..count).map(|number| Posting { hash: hash(number), statement: number, pattern: 0 });
            let table = Table::build(postings.collect());
            for number in 0..count {
                let found: Vec<u32> = table.under(hash(number)).map(|posting| posting.statement).collect();
                let expected: Vec<u32> = (0..count).filter(|other| hash(*other) == hash(number)).collect();
                assert_eq!(found, expected, "{number} of {count}");
            }
            assert_eq!(table.under(1).count(), 0);
        }
    }
}
