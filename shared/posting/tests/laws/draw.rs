//! Seeded choices: the same seed gives the same document on every machine.

use rust_decimal::Decimal;

/// One character to a person, eleven units to a field.
pub(crate) const FAMILY: &str = "👩\u{200d}👩\u{200d}👧\u{200d}👦";

/// `SplitMix64` (Steele, Lea and Flood, 2014): tiny, and good from any seed, neighbours included.
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// From 0 up to, and not including, `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let word = usize::try_from(self.next() >> 32).unwrap();
        word % end
    }

    /// From `first` to `last`, both included.
    pub(crate) fn between(&mut self, first: i64, last: i64) -> i64 {
        let width = usize::try_from(last - first + 1).unwrap();
        first + i64::try_from(self.below(width)).unwrap()
    }

    pub(crate) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }

    /// An amount of up to `units` minor units of a currency with so many decimals.
    pub(crate) fn amount(&mut self, units: i64, decimals: u32) -> Decimal {
        Decimal::new(self.between(1, units), decimals)
    }

    /// Splits an amount into parts that sum to it exactly, each in minor units.
    pub(crate) fn split(&mut self, amount: Decimal, parts: usize) -> Vec<Decimal> {
        let unit = Decimal::new(1, amount.scale());
        let mut rest = amount;
        let mut split = Vec::new();
        for _ in 1..parts {
            let share = Decimal::new(self.between(0, 100), 2);
            let part = (rest * share / unit).trunc() * unit;
            rest -= part;
            split.push(part);
        }
        split.push(rest);
        split
    }

    /// What people write: names, quotes, other scripts and directions, emoji, very long texts.
    pub(crate) fn text(&mut self) -> String {
        const WORDS: [&str; 13] = [
            "Taxi",
            "Müller & Söhne",
            "\"Hôtel\"",
            "O'Neill",
            "日本語の領収書",
            "مطعم الشرق",
            "Łódź",
            FAMILY,
            "🚕🚕",
            "{{ x }}",
            "<b>50 %</b>",
            "a\tb\nc",
            "CNQR:",
        ];
        let words = if self.percent(2) { 200 } else { self.below(5) };
        let words: Vec<&str> = (0..words).map(|_| self.pick(&WORDS)).collect();
        words.join(" ")
    }
}
