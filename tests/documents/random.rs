//! Repeatable random numbers (`SplitMix64`): small, good enough for test documents, no secrets.

/// A source of random numbers; equal seeds give equal numbers.
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Starts at a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number under `bound`; 0 when `bound` is 0. The bias is far below what a test sees.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.bits().checked_rem(bound).unwrap_or(0)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = high.abs_diff(low).saturating_add(1);
        low.saturating_add(i64::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in one of `n` cases.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of the choices; the first when there is no choice.
    pub fn pick<'a, T>(&mut self, first: &'a T, others: &'a [T]) -> &'a T {
        let at = self.below(others.len() as u64 + 1);
        usize::try_from(at)
            .ok()
            .and_then(|at| at.checked_sub(1))
            .and_then(|at| others.get(at))
            .unwrap_or(first)
    }

    /// Lower-case hex digits.
    pub fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits + 16);
        while text.len() < digits {
            let sixteen = format!("{:016x}", self.bits());
            text.push_str(&sixteen);
        }
        text.truncate(digits);
        text
    }

    /// Upper-case hex digits, the shape of Concur's business ids.
    pub fn upper_hex(&mut self, digits: usize) -> String {
        self.hex(digits).to_ascii_uppercase()
    }
}
