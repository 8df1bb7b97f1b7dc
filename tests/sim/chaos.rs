//! What goes wrong, when: drawn from a seed, or scripted effect by effect.

use std::collections::BTreeMap;
use std::time::Duration;

use e2e::documents::Random;

/// What may become of a call to Concur or Acumatica.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CallFault {
    /// Carried out, late as may be, and never answered.
    TimeoutAfterCommit,
    /// Never arrives, and nobody says so.
    TimeoutBeforeCommit,
    /// Carried out, then answered with 500.
    ErrorAfterCommit,
    /// A gateway's page; carried out or not.
    BadGateway,
    /// The connection ends; carried out or not.
    Reset,
    /// 429, nothing done.
    Throttled,
    /// Carried out at once, answered after the limit.
    TooSlow,
    /// 401, nothing done.
    Unauthorized,
}

impl CallFault {
    /// Every one.
    pub(crate) const ALL: [Self; 8] = [
        Self::TimeoutAfterCommit,
        Self::TimeoutBeforeCommit,
        Self::ErrorAfterCommit,
        Self::BadGateway,
        Self::Reset,
        Self::Throttled,
        Self::TooSlow,
        Self::Unauthorized,
    ];

    /// Whether what was asked for is done in spite of it; `None`: done or not.
    pub(crate) fn is_carried_out(self) -> Option<bool> {
        match self {
            Self::TimeoutAfterCommit | Self::ErrorAfterCommit | Self::TooSlow => Some(true),
            Self::TimeoutBeforeCommit | Self::Throttled | Self::Unauthorized => Some(false),
            Self::BadGateway | Self::Reset => None,
        }
    }
}

/// What becomes of one effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fate {
    /// It happens.
    Happens,
    /// The worker ends just before it.
    DeathBefore,
    /// It happens, and the worker ends before it hears of it.
    DeathAfter,
    /// A call goes wrong; a port is not available.
    Fails(CallFault),
}

/// How often things go wrong: one in so many effects, 0 for never.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    pub(crate) death: u64,
    pub(crate) call: u64,
    pub(crate) port: u64,
    /// Lost, doubled and late messages, one in so many wakes.
    pub(crate) message: u64,
    /// Lists that lie and codes of the service, one in so many calls.
    pub(crate) lie: u64,
    /// Longest round trip of a call, in milliseconds.
    pub(crate) slow_ms: u64,
}

impl Rates {
    /// The weather of a seed: calm, rough or wild.
    pub(crate) fn of(random: &mut Random) -> Self {
        let pick = |random: &mut Random, choices: [u64; 4]| {
            let at = usize::try_from(random.below(4)).unwrap_or(0);
            choices.into_iter().nth(at).unwrap_or(0)
        };
        Self {
            death: pick(random, [0, 3_000, 1_000, 300]),
            call: pick(random, [0, 200, 50, 20]),
            port: pick(random, [0, 1_000, 200, 80]),
            message: pick(random, [0, 50, 10, 4]),
            lie: pick(random, [0, 200, 60, 30]),
            slow_ms: pick(random, [20, 300, 2_000, 9_000]),
        }
    }
}

/// Where fates come from.
#[derive(Debug)]
enum Source {
    /// Everything happens.
    Calm,
    /// By chance.
    Drawn(Rates),
    /// By the number of the effect, from 1.
    Scripted(BTreeMap<u64, Fate>),
}

/// The one source of chance of a world, with the account of what it did.
#[derive(Debug)]
pub(crate) struct Chaos {
    random: Random,
    source: Source,
    /// Effects so far.
    pub(crate) effects: u64,
    /// Effects that went to the vendors, by their numbers.
    pub(crate) calls: Vec<u64>,
    /// Workers ended.
    pub(crate) deaths: u64,
    /// Faults by kind.
    pub(crate) faults: BTreeMap<String, u64>,
}

impl Chaos {
    /// Drawn from a seed.
    pub(crate) fn drawn(seed: u64, rates: Rates) -> Self {
        Self::new(seed, Source::Drawn(rates))
    }

    /// By a script.
    pub(crate) fn scripted(script: BTreeMap<u64, Fate>) -> Self {
        Self::new(0, Source::Scripted(script))
    }

    fn new(seed: u64, source: Source) -> Self {
        Self {
            random: Random::new(seed),
            source,
            effects: 0,
            calls: Vec::new(),
            deaths: 0,
            faults: BTreeMap::new(),
        }
    }

    /// Nothing goes wrong any more.
    pub(crate) fn calm_down(&mut self) {
        self.source = Source::Calm;
    }

    /// Counting begins anew, under this script.
    pub(crate) fn script(&mut self, script: BTreeMap<u64, Fate>) {
        self.source = Source::Scripted(script);
        self.effects = 0;
        self.calls.clear();
    }

    /// What becomes of a call to a vendor.
    pub(crate) fn call(&mut self) -> Fate {
        self.effects += 1;
        self.calls.push(self.effects);
        let rates = self.rates();
        self.fate(rates.death, rates.call)
    }

    /// What becomes of a call to the platform.
    pub(crate) fn port(&mut self) -> Fate {
        self.effects += 1;
        let rates = self.rates();
        self.fate(rates.death, rates.port)
    }

    fn fate(&mut self, death: u64, fault: u64) -> Fate {
        let fate = match &self.source {
            Source::Calm => Fate::Happens,
            Source::Scripted(script) => script.get(&self.effects).copied().unwrap_or(Fate::Happens),
            Source::Drawn(_) => self.draw(death, fault),
        };
        match fate {
            Fate::Happens => {}
            Fate::DeathBefore | Fate::DeathAfter => self.deaths += 1,
            Fate::Fails(fault) => self.note(&format!("{fault:?}")),
        }
        fate
    }

    fn draw(&mut self, death: u64, fault: u64) -> Fate {
        if self.strikes(death) {
            return if self.random.one_in(2) {
                Fate::DeathBefore
            } else {
                Fate::DeathAfter
            };
        }
        if self.strikes(fault) {
            return Fate::Fails(*self.random.pick(&CallFault::Reset, &CallFault::ALL));
        }
        Fate::Happens
    }

    fn strikes(&mut self, one_in: u64) -> bool {
        one_in > 0 && self.random.one_in(one_in)
    }

    fn rates(&self) -> Rates {
        match &self.source {
            Source::Drawn(rates) => *rates,
            Source::Calm | Source::Scripted(_) => Rates::default(),
        }
    }

    /// Counts a fault.
    pub(crate) fn note(&mut self, what: &str) {
        *self.faults.entry(what.to_owned()).or_default() += 1;
    }

    /// Whether a call is lied to.
    pub(crate) fn lies(&mut self) -> bool {
        let rate = self.rates().lie;
        self.strikes(rate)
    }

    /// Whether something happens to a message.
    pub(crate) fn message(&mut self) -> bool {
        let rate = self.rates().message;
        self.strikes(rate)
    }

    /// One of two, evenly.
    pub(crate) fn coin(&mut self) -> bool {
        self.random.one_in(2)
    }

    /// A number under `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.random.below(bound)
    }

    /// By how much a clock is wrong, in ms; always right in a world without chance.
    pub(crate) fn skew(&mut self, most: u64) -> i64 {
        if !matches!(self.source, Source::Drawn(_)) {
            return 0;
        }
        let most = i64::try_from(most).unwrap_or(0);
        self.random.between(-most, most)
    }

    /// How long one way of a call takes.
    pub(crate) fn way(&mut self) -> Duration {
        let most = self.rates().slow_ms.max(2);
        Duration::from_millis(1 + self.random.below(most) / 2)
    }

    /// How late a request may still be carried out that nobody waits for any more.
    pub(crate) fn late(&mut self) -> Duration {
        if self.random.one_in(2) {
            self.way()
        } else {
            Duration::from_secs(self.random.below(LATE_S))
        }
    }
}

/// Acumatica keeps a request for at most 600 s and works on it for at most 300 s; less what the way takes.
const LATE_S: u64 = 880;
