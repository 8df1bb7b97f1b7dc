//! The account of many worlds.

use std::collections::BTreeMap;
use std::fmt;

use crate::judge::Verdict;
use crate::world::World;

/// What happened in all of them.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) runs: u64,
    pub(crate) documents: u64,
    pub(crate) postings: u64,
    pub(crate) effects: u64,
    pub(crate) deaths: u64,
    pub(crate) dead_letters: u64,
    pub(crate) faults: BTreeMap<String, u64>,
    pub(crate) ends: BTreeMap<String, u64>,
    /// What people were answered who brought held documents on.
    pub(crate) answers: BTreeMap<String, u64>,
    pub(crate) violations: u64,
}

impl Totals {
    /// The account of one world.
    pub(crate) fn of(world: &World, verdict: &Verdict) -> Self {
        let chaos = world.air.chaos();
        Self {
            runs: 1,
            documents: verdict.documents,
            postings: verdict.postings,
            effects: chaos.effects,
            deaths: chaos.deaths,
            dead_letters: world.shared.messages.dead.get(),
            faults: chaos.faults.clone(),
            ends: verdict.ends.clone(),
            answers: world.air.history().answers.clone(),
            violations: u64::try_from(verdict.violations.len()).unwrap_or(u64::MAX),
        }
    }

    /// Both accounts together.
    pub(crate) fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.documents += other.documents;
        self.postings += other.postings;
        self.effects += other.effects;
        self.deaths += other.deaths;
        self.dead_letters += other.dead_letters;
        self.violations += other.violations;
        for (what, count) in &other.faults {
            *self.faults.entry(what.clone()).or_default() += count;
        }
        for (answer, count) in &other.answers {
            *self.answers.entry(answer.clone()).or_default() += count;
        }
        for (end, count) in &other.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
    }

    /// Documents that wait for a person.
    pub(crate) fn held(&self) -> u64 {
        let held = self.ends.iter().filter(|(end, _)| end.starts_with("held "));
        held.map(|(_, count)| count).sum()
    }

    /// Faults injected, of every kind.
    pub(crate) fn injected(&self) -> u64 {
        self.faults.values().sum()
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} runs, {} documents, {} postings, {} effects, {} workers ended, {} faults injected, {} dead letters, {} violations",
            self.runs,
            self.documents,
            self.postings,
            self.effects,
            self.deaths,
            self.injected(),
            self.dead_letters,
            self.violations
        )?;
        let all = [
            ("faults", &self.faults),
            ("ends", &self.ends),
            ("people", &self.answers),
        ];
        for (what, counts) in all.into_iter().filter(|(_, counts)| !counts.is_empty()) {
            let parts: Vec<String> = counts
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            writeln!(f, "  {what}: {}", parts.join(", "))?;
        }
        Ok(())
    }
}
